import type { Face } from '../../src/face/face.ts';
import { decodePicture } from '../../src/image/decode.ts';
import { encodePng } from '../../src/image/encode-png.ts';
import { createRaster, type Raster } from '../../src/image/raster.ts';

/** Pictures that are labelled as one face. */

/**
 * The face that a label is about, where several are found: the one whose centre lies nearest to
 * the picture's, half of its box's side being taken off the distance, so that a large face wins
 * over a small one in the background.
 */
export function labelledFace(faces: readonly Face[], width: number, height: number): Face | undefined {
  const remoteness = ({ box }: Face) =>
    Math.hypot((box.left + box.right - width) / 2, (box.top + box.bottom - height) / 2) -
    Math.sqrt((box.right - box.left) * (box.bottom - box.top)) / 2;
  return [...faces].sort((first, second) => remoteness(first) - remoteness(second))[0];
}

/** The share of its size by which a tight chip is widened on every side, before it is looked at. */
const margin = 0.35;

/** A tight chip (JPEG or PNG bytes) with its border repeated outwards, as PNG bytes. */
export async function widenChip(bytes: Uint8Array): Promise<Uint8Array> {
  return encodePng(repeatBorder(await rasterOf(bytes), margin));
}

/** The pixels of a picture (JPEG or PNG bytes). */
export async function rasterOf(bytes: Uint8Array): Promise<Raster> {
  const picture = await decodePicture(
    bytes,
    {
      maxDimension: 4096,
      maxPixels: 4096 ** 2,
      exifOrientation: true,
      partialImages: false,
    },
    { readAsset: () => Promise.reject(new Error('no picture of these sets is WebP or AVIF')) },
  );
  const whole = { left: 0, top: 0, right: picture.width, bottom: picture.height };
  return picture.view(whole, 1).raster;
}

/** A raster with `share` of its width more on the left and right, of its height above and below. */
export function repeatBorder(source: Raster, share: number): Raster {
  const across = Math.round(source.width * share);
  const down = Math.round(source.height * share);
  const target = createRaster(source.width + 2 * across, source.height + 2 * down);
  for (let y = 0, to = 0; y < target.height; y++) {
    const row = clamp(y - down, source.height - 1) * source.width;
    for (let x = 0; x < target.width; x++, to += 3) {
      const from = 3 * (row + clamp(x - across, source.width - 1));
      target.data.set(source.data.subarray(from, from + 3), to);
    }
  }
  return target;
}

function clamp(value: number, largest: number): number {
  return Math.min(Math.max(value, 0), largest);
}
