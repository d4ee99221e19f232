import { blockBytes } from '../../wasm/resample.ts';
import { pixelKernels } from './kernels.ts';
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
  const kernels = pixelKernels();
  const blocks = Math.ceil(stride / blockBytes);
  const rowBytes = (blocks + 1) * blockBytes;
  const target = 2 * rowBytes;
  const bytes = new Uint8Array(kernels.reserve(3 * rowBytes), 0, 3 * rowBytes).fill(0);
  /** Addresses of the row above, and of this one, behind a pixel of zeros. */
  let [above, row] = [0, rowBytes];
  for (let y = 0; y < height; y++) {
    const to = (stride + 1) * y;
    bytes.set(data.subarray(y * stride, (y + 1) * stride), row + bytesPerPixel);
    kernels.paethRow(row, above, target, blocks);
    rows[to] = paeth;
    rows.set(bytes.subarray(target, target + stride), to + 1);
    [above, row] = [row, above];
  }
  return rows;
}
