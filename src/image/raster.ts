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

/** A black raster. */
export function createRaster(width: number, height: number): Raster {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
