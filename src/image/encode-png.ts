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

/** So many bytes of rows are filtered at a time, up to the end of a row. */
const bytesAtATime = 1 << 18;

/**
 * Every row by the filter `Paeth`: the difference to the neighbour (left, above, above left) that
 * is nearest to left + above - above left. What is outside the picture is 0.
 */
function filtered(data: Uint8Array, stride: number, height: number): Uint8Array {
  const result = new Uint8Array((stride + 1) * height);
  const kernels = pixelKernels();
  const blocks = Math.ceil(stride / blockBytes);
  const most = Math.min(height, Math.ceil(bytesAtATime / stride));
  // Before the first row's left neighbours, whatever they are, lies the row above.
  const source = blockBytes + stride;
  const target = source + most * stride + blockBytes;
  const bytes = new Uint8Array(kernels.reserve(target + most * (stride + 1) + blockBytes));
  bytes.fill(0, 0, source);
  for (let y = 0; y < height; y += most) {
    const rows = Math.min(most, height - y);
    if (y > 0) bytes.set(data.subarray((y - 1) * stride, y * stride), source - stride);
    bytes.set(data.subarray(y * stride, (y + rows) * stride), source);
    kernels.paethRows(source, target, stride, rows, blocks);
    result.set(bytes.subarray(target, target + rows * (stride + 1)), y * (stride + 1));
  }
  return result;
}
