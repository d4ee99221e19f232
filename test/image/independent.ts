import sharp from 'sharp';
import { expect } from 'vitest';
import { type DecodeOptions, decodePicture } from '../../src/image/decode.ts';
import type { Raster } from '../../src/image/raster.ts';
import { readAsset } from '../models/assets.ts';

/** A file as the product decodes it: all pixels, upright. */
export async function decoded(bytes: Uint8Array, options: Partial<DecodeOptions> = {}): Promise<Raster> {
  const picture = await decodePicture(
    bytes,
    { maxDimension: 6000, maxPixels: 100_000_000, exifOrientation: true, partialImages: false, ...options },
    { readAsset },
  );
  return picture.view({ left: 0, top: 0, right: picture.width, bottom: picture.height }, 1).raster;
}

/** The same by libvips, which shares no code with ours: upright, on white, 8-bit RGB. */
export async function independently(bytes: Uint8Array): Promise<Raster> {
  const { data, info } = await sharp(bytes)
    .rotate()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  return { width: info.width, height: info.height, data };
}

/** How two rasters of one size differ, in steps of 255. */
export function difference(first: Raster, second: Raster): { mean: number; most: number } {
  expect([first.width, first.height]).toEqual([second.width, second.height]);
  let sum = 0;
  let most = 0;
  for (let at = 0; at < first.data.length; at++) {
    const step = Math.abs(first.data[at]! - second.data[at]!);
    sum += step;
    if (step > most) most = step;
  }
  return { mean: sum / first.data.length, most };
}
