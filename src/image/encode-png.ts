import { writeChunks } from './png/chunks.ts';
import { zlibByFrequency } from './png/entropy-code.ts';
import type { Raster } from './raster.ts';

/** A raster as a PNG file (8-bit RGB, not interlaced). Source: the PNG specification, third edition. */
export function encodePng({ width, height, data }: Raster): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8); // depth, RGB, deflate, adaptive filters, not interlaced
  return writeChunks([
    { name: 'IHDR', data: header },
    { name: 'IDAT', data: zlibByFrequency(filtered(data, width * 3, height)) },
    { name: 'IEND', data: new Uint8Array(0) },
  ]);
}

const bytesPerPixel = 3;

/**
 * Every row by the filter `Paeth`: the difference to the neighbour (left, above, above left) that
 * is nearest to left + above - above left. What is outside the picture is 0.
 */
function filtered(data: Uint8Array, stride: number, height: number): Uint8Array {
  const paeth = 4;
  const rows = new Uint8Array((stride + 1) * height);
  /** The row above, and this one, behind a pixel of zeros. */
  let above = new Uint8Array(bytesPerPixel + stride);
  let row = new Uint8Array(bytesPerPixel + stride);
  let to = 0;
  for (let y = 0; y < height; y++) {
    row.set(data.subarray(y * stride, (y + 1) * stride), bytesPerPixel);
    rows[to++] = paeth;
    for (let x = 0; x < stride; x++) {
      const a = row[x]!;
      const b = above[x + bytesPerPixel]!;
      const c = above[x]!;
      const toLeft = Math.abs(b - c);
      const toAbove = Math.abs(a - c);
      const toCorner = Math.abs(a + b - 2 * c);
      const nearest = toLeft <= toAbove && toLeft <= toCorner ? a : toAbove <= toCorner ? b : c;
      rows[to++] = row[x + bytesPerPixel]! - nearest;
    }
    [above, row] = [row, above];
  }
  return rows;
}
