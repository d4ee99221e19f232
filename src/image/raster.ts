import type { Box } from './geometry.ts';

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

/** A raster of which maybe only a part is there. */
export interface PartialRaster extends Raster {
  /** The pixels that `data` holds, row by row; absent: all. */
  readonly held?: Box;
}

/** A raster of which only the pixels in a box are there. @param data takes them: 3 bytes for each */
export function partialRaster(raster: PartialRaster, held: Box, data: Uint8Array): PartialRaster {
  const rowBytes = 3 * (held.right - held.left);
  for (let y = held.top, to = 0; y < held.bottom; y++, to += rowBytes) {
    const from = pixelAt(raster, held.left, y);
    data.set(raster.data.subarray(from, from + rowBytes), to);
  }
  return { width: raster.width, height: raster.height, data, held };
}

/** Index of a pixel's first byte. */
export function pixelAt({ width, held }: PartialRaster, x: number, y: number): number {
  return held ? 3 * ((y - held.top) * (held.right - held.left) + x - held.left) : 3 * (y * width + x);
}

/** A black raster. */
export function createRaster(width: number, height: number): Raster {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
