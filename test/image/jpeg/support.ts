import sharp from 'sharp';
import { decodingFailed, missingFrom } from '../../../src/image/codec.ts';
import { jpeg } from '../../../src/image/jpeg.ts';
import type { Picture } from '../../../src/image/picture.ts';
import type { Raster } from '../../../src/image/raster.ts';

/** `overview` 1 leaves every view but the coarsest to be made on demand. */
export interface JpegOptions {
  readonly overview?: number;
  /** Whether damage is borne, however little is there; else it is refused as strictly as can be. */
  readonly partial?: boolean;
}

/** By the codec alone. @throws PhizError where something is missing, unless `partial` is set */
export async function decode(
  bytes: Uint8Array,
  { overview = 512, partial = false }: JpegOptions = {},
): Promise<Picture> {
  const readAsset = () => Promise.reject(new Error('not needed for JPEG'));
  const context = { checkpoint: () => {}, overview, readAsset, decodeHeic: undefined };
  const { picture, missing, coarse } = await jpeg.decode(bytes, await jpeg.readHeader(bytes), context);
  if (!partial && Math.max(missing, coarse ?? 0) > 0.01) throw decodingFailed(missingFrom('JPEG', missing));
  return picture;
}

/** All pixels of a picture at full size. */
export function pixels(picture: Picture): Raster {
  return picture.view({ left: 0, top: 0, right: picture.width, bottom: picture.height }, 1).raster;
}

/** The same by libjpeg-turbo, also of damaged files. */
export async function reference(bytes: Uint8Array): Promise<Raster> {
  const { data, info } = await sharp(bytes, { failOn: 'none' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rgb =
    info.channels === 3
      ? data
      : Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]!);
  return { width: info.width, height: info.height, data: rgb };
}

/** A rectangle of a raster. */
export function crop(
  { data, width }: Raster,
  left: number,
  top: number,
  columns: number,
  rows: number,
): Raster {
  const part = new Uint8Array(3 * columns * rows);
  for (let y = 0; y < rows; y++) {
    const from = 3 * ((top + y) * width + left);
    part.set(data.subarray(from, from + 3 * columns), 3 * y * columns);
  }
  return { width: columns, height: rows, data: part };
}
