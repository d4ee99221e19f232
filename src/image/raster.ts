import { type Box, wholeOf } from './geometry.ts';

/**
 * A picture in memory: 8-bit RGB, row-major, no padding, no alpha.
 * Pixel (0, 0) covers the square from (0, 0) to (1, 1): its centre is at (0.5, 0.5).
 */
export interface Raster {
  /** Pixels in a row, at least 1. */
  readonly width: number;
  /** Rows, at least 1. */
  readonly height: number;
  /** `width * height * 3` bytes: red, green, blue, each 0 to 255. */
  readonly data: Uint8Array;
}

/** A raster of which maybe only a part is there, or that is itself a part of what is there. */
export interface PartialRaster extends Raster {
  /** The pixels that `data` holds, row by row, maybe beyond the raster; absent: the raster's. */
  readonly held?: Box;
}

/** A raster of which only the pixels in a box are there. @param data takes them: 3 bytes for each */
export function partialRaster(raster: PartialRaster, held: Box, data: Uint8Array): PartialRaster {
  copyPixels(raster, held, data);
  return { width: raster.width, height: raster.height, data, held };
}

/** A raster whose own pixels are all of its data. */
export function wholeRaster(raster: PartialRaster): Raster {
  if (!raster.held) return raster;
  const { width, height } = raster;
  const whole = createRaster(width, height);
  copyPixels(raster, wholeOf(raster), whole.data);
  return whole;
}

/** A place for pixels that are copied, in a memory that begins at a multiple of eight. */
export interface PixelPlace {
  /** Where the first row begins. */
  readonly at: number;
  /** From a row to the next. */
  readonly rowBytes: number;
}

/** Bytes that are left free at most, in front of all rows and behind each, so that they lie {@link likewise}. */
export const freeBytes = 7;

/**
 * The first address from one on that lies like another, counted from a multiple of eight: V8 copies from and to
 * memory that threads share word by word between such addresses, between others byte by byte.
 */
export const likewise = (address: number, other: number): number =>
  address + ((((other - address) % 8) + 8) % 8);

/** The first place from an address on whose rows lie {@link likewise} as those of a raster. */
export function placeFor(raster: PartialRaster, { left, top, right }: Box, from: number): PixelPlace {
  const { data, width, height, held } = raster;
  const sourceRow = 3 * (held ? held.right - held.left : width);
  return {
    at: likewise(from, data.byteOffset + pixelAt(raster, left, clamp(top, 0, height - 1))),
    rowBytes: likewise(3 * (right - left), sourceRow),
  };
}

/**
 * Copies the pixels of a box, row by row; outside the raster its border is repeated.
 *
 * @param place in the target; by default its rows follow each other from the first byte on
 */
export function copyPixels(
  raster: PartialRaster,
  box: Box,
  target: Uint8Array,
  place: PixelPlace = { at: 0, rowBytes: 3 * (box.right - box.left) },
): void {
  const { width, height, data, held } = raster;
  const { left, top, right, bottom } = box;
  /** The raster's columns that are seen, or the border's that stands for all. */
  const first = clamp(left, 0, width - 1);
  const last = clamp(right - 1, 0, width - 1);
  const bytes = 3 * (right - left);
  const before = clamp(3 * (first - left), 0, bytes);
  const behind = clamp(3 * (last + 1 - left), 0, bytes);
  /** Whole rows lie one behind the other there, too. */
  const isWhole =
    before === 0 && behind === place.rowBytes && right - left === (held ? held.right - held.left : width);
  for (let y = top, row = place.at; y < bottom; ) {
    const rows = isWhole && y >= 0 ? Math.max(1, Math.min(bottom, height) - y) : 1;
    const start = pixelAt(raster, first, clamp(y, 0, height - 1));
    const end = start + rows * (behind - before);
    if (end > start) target.set(data.subarray(start, end), row + before);
    for (let byte = 0; byte < before; byte++) target[row + byte] = data[start + (byte % 3)]!;
    const border = start + 3 * (last - first);
    for (let byte = behind; byte < bytes; byte++) target[row + byte] = data[border + (byte % 3)]!;
    y += rows;
    row += rows * place.rowBytes;
  }
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** Index of a pixel's first byte. */
export function pixelAt({ width, held }: PartialRaster, x: number, y: number): number {
  return held ? 3 * ((y - held.top) * (held.right - held.left) + x - held.left) : 3 * (y * width + x);
}

/** A black raster. */
export function createRaster(width: number, height: number): Raster {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
