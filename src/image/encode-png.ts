import { blockBytes } from '../../wasm/resample.ts';
import { pixelKernels } from './kernels.ts';
import { aroundData, beforeData, closeChunk, signature } from './png/chunks.ts';
import { codedTogether, codersMemory, ZlibWriter } from './png/entropy-code.ts';
import type { Raster } from './raster.ts';

/** A raster as a PNG file (8-bit RGB, not interlaced). Source: the PNG specification, third edition. */
export const encodePng = (raster: Raster): Uint8Array<ArrayBuffer> => usePng(raster, (file) => file.slice());

const headerBytes = 13;

/**
 * What is made of a raster's PNG file.
 *
 * @param use takes the file where it was written, in the kernels' memory, in which the next one overwrites it
 */
export function usePng<Result>(
  { width, height, data }: Raster,
  use: (file: Uint8Array<ArrayBuffer>) => Result,
): Result {
  const kernels = pixelKernels();
  const stride = 3 * width;
  const blocks = Math.ceil(stride / blockBytes);
  /** Rows that are filtered and coded at a time. */
  const most = Math.min(height, Math.max(1, Math.floor(codedTogether / (stride + 1))));
  // Before the first row's left neighbours, whatever they are, lies the row above.
  const source = codersMemory + blockBytes + stride;
  const filtered = source + most * stride + blockBytes;
  const start = filtered + most * (stride + 1) + blockBytes;
  const pixels = start + signature.length + aroundData + headerBytes;
  const stream = new ZlibWriter(pixels + beforeData);
  for (let y = 0; y < height; y += most) {
    const rows = Math.min(most, height - y);
    const bytes = new Uint8Array(kernels.reserve(start));
    if (y === 0) bytes.fill(0, codersMemory, source);
    else bytes.set(data.subarray((y - 1) * stride, y * stride), source - stride);
    bytes.set(data.subarray(y * stride, (y + rows) * stride), source);
    // The filter `Paeth`: the difference to the neighbour (left, above, above left) that is nearest to left + above
    // - above left. What is outside the picture is 0.
    kernels.paethRows(source, filtered, stride, rows, blocks);
    stream.write(filtered, rows * (stride + 1), y + rows === height);
  }
  const length = stream.finish() - pixels - beforeData;
  const bytes = new Uint8Array(kernels.reserve(pixels + length + 2 * aroundData));
  bytes.set(signature, start);
  const header = start + signature.length;
  const view = new DataView(bytes.buffer, header + beforeData, headerBytes);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes.set([8, 2, 0, 0, 0], header + beforeData + 8); // depth, RGB, deflate, adaptive filters, not interlaced
  closeChunk(bytes, header, 'IHDR', headerBytes);
  const behindPixels = closeChunk(bytes, pixels, 'IDAT', length);
  return use(bytes.subarray(start, closeChunk(bytes, behindPixels, 'IEND', 0)));
}
