import sharp from 'sharp';
import { jpeg } from '../../../src/image/jpeg.ts';
import type { Picture } from '../../../src/image/picture.ts';
import type { Raster } from '../../../src/image/raster.ts';

/** As the product decodes it; `overview` 1 leaves every view but the coarsest to be made on demand. */
export async function decode(
  bytes: Uint8Array,
  options = { overview: 512, partial: false },
): Promise<Picture> {
  const codec = jpeg({ ...options, overview: () => options.overview });
  return codec.decode(bytes, codec.readHeader(bytes));
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
