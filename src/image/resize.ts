import { roundUp } from '../../wasm/plane.ts';
import { blockBytes } from '../../wasm/resample.ts';
import type { Canvas } from './canvas.ts';
import type { Box, Size } from './geometry.ts';
import { pixelKernels } from './kernels.ts';
import { type Picture, reductionFor } from './picture.ts';
import { copyPixels, type PartialRaster, type Raster } from './raster.ts';

/** Bytes of sums, about, that are made at a time: they should stay in the first-level cache. */
const bandBytes = 16384;

/**
 * Resamples a rectangle of a raster into a window of an image, values 0 to 255, with a triangle filter
 * whose support grows with the reduction (so that nothing aliases) and that is plain bilinear
 * interpolation on enlargement. The rectangle may be fractional and reach outside the raster,
 * whose border is repeated there.
 *
 * @param mirrored left and right are exchanged
 */
export function resizeInto(
  canvas: Canvas,
  window: Box,
  raster: PartialRaster,
  source: Box,
  mirrored = false,
): void {
  const width = window.right - window.left;
  const height = window.bottom - window.top;
  if (isPixelForPixel(source, width, height) && !mirrored) {
    canvas.copy(window, raster, source.left, source.top);
    return;
  }
  const columns = tapsOf(source.left, source.right, width, raster.width);
  const rows = tapsOf(source.top, source.bottom, height, raster.height);
  const left = columns.starts[0]!;
  const right = columns.starts[width - 1]! + columns.count;
  const rowBytes = 3 * (right - left);
  const blocks = Math.ceil(rowBytes / blockBytes);
  const sumBytes = 4 * blockBytes * blocks;
  const bandRows = Math.min(height, Math.ceil(bandBytes / sumBytes));
  /** Most source rows of a band. */
  const sourceRows = Math.ceil((bandRows * (source.bottom - source.top)) / height) + rows.count;

  // The kernels' memory.
  const columnTable = 0;
  const rowTable = columnTable + 4 * width * (1 + columns.count);
  const sums = roundUp(rowTable + 4 * height * (1 + rows.count), blockBytes);
  const results = sums + bandRows * sumBytes + blockBytes;
  const pixels = results + roundUp(12 * width * bandRows, blockBytes) + blockBytes;
  const kernels = pixelKernels();
  const buffer = kernels.reserve(pixels + sourceRows * rowBytes + blockBytes);
  const bytes = new Uint8Array(buffer);
  writeTable(buffer, columnTable, columns, 12, mirrored);
  writeTable(buffer, rowTable, rows, rowBytes);
  const { from: first, end } = canvas.taken ?? { from: window.top, end: window.bottom };
  const lastRow = Math.min(height, end - window.top);
  for (let y = Math.max(0, first - window.top); y < lastRow; y += bandRows) {
    const count = Math.min(bandRows, lastRow - y);
    const top = rows.starts[y]!;
    copyPixels(raster, { left, top, right, bottom: rows.starts[y + count - 1]! + rows.count }, bytes, pixels);
    const from = pixels + (rows.starts[0]! - top) * rowBytes;
    kernels.blendRows(rowTable + 4 * y * (1 + rows.count), rows.count, count, from, rowBytes, blocks, sums);
    kernels.squeezeRows(columnTable, columns.count, width, count, sums, sumBytes, results);
    const made = new Float32Array(buffer, results, 3 * width * count);
    canvas.put({ ...window, top: window.top + y, bottom: window.top + y + count }, made);
  }
}

/**
 * Writes taps as kernels read them: for each target pixel the distance of its first source pixel, and the weights.
 *
 * @param bytes from a source pixel to the next
 */
function writeTable(
  buffer: ArrayBuffer,
  address: number,
  { starts, weights, count }: Taps,
  bytes: number,
  backwards = false,
): void {
  const length = starts.length * (1 + count);
  const integers = new Int32Array(buffer, address, length);
  const floats = new Float32Array(buffer, address, length);
  for (let index = 0, at = 0; index < starts.length; index++) {
    const from = backwards ? starts.length - 1 - index : index;
    integers[at++] = bytes * (starts[from]! - starts[0]!);
    for (let tap = 0; tap < count; tap++) floats[at++] = weights[from * count + tap]!;
  }
}

const isPixelForPixel = ({ left, top, right, bottom }: Box, width: number, height: number): boolean =>
  Number.isInteger(left) && Number.isInteger(top) && right - left === width && bottom - top === height;

/**
 * What {@link resizeInto} is given for a rectangle of a picture, which is asked for no more pixels than are needed.
 *
 * @param width of the target in pixels
 */
export function sourceOfResize(
  picture: Picture,
  source: Box,
  { width, height }: Size,
): { raster: Raster; source: Box } {
  const scale = Math.min((source.right - source.left) / width, (source.bottom - source.top) / height);
  const { raster, left, top, reduction } = picture.view(source, reductionFor(scale));
  return {
    raster,
    source: {
      left: (source.left - left) / reduction,
      top: (source.top - top) / reduction,
      right: (source.right - left) / reduction,
      bottom: (source.bottom - top) / reduction,
    },
  };
}

/** The pixels that {@link resizeInto} reads, and a few around them; those outside the raster too. */
export function seenByResize({ left, top, right, bottom }: Box, { width, height }: Size): Box {
  const across = Math.max(1, (right - left) / width) + 2;
  const down = Math.max(1, (bottom - top) / height) + 2;
  return {
    left: Math.floor(left - across),
    top: Math.floor(top - down),
    right: Math.ceil(right + across),
    bottom: Math.ceil(bottom + down),
  };
}

/** For each target pixel the run of source pixels that it sums up: `count` of them. */
interface Taps {
  readonly starts: Int32Array;
  /** `count` weights a pixel; they sum to 1. */
  readonly weights: Float32Array;
  readonly count: number;
}

function tapsOf(from: number, to: number, targetLength: number, sourceLength: number): Taps {
  const scale = (to - from) / targetLength;
  const support = Math.max(1, scale);
  const centreOf = (index: number) => from + (index + 0.5) * scale;
  /** The first source pixel that has a weight, and the first one behind those that do. */
  const firstOf = (centre: number) => Math.floor(centre - support - 0.5) + 1;
  const endOf = (centre: number) => Math.ceil(centre + support - 0.5);
  let count = 1;
  for (let index = 0; index < targetLength; index++) {
    const centre = centreOf(index);
    count = Math.max(count, endOf(centre) - firstOf(centre));
  }
  const starts = new Int32Array(targetLength);
  const weights = new Float32Array(targetLength * count);
  for (let index = 0; index < targetLength; index++) {
    const centre = centreOf(index);
    // Beyond the border every tap is the border's pixel: no need to run further out.
    const start = Math.min(Math.max(firstOf(centre), -count), sourceLength);
    starts[index] = start;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const weight = Math.max(0, 1 - Math.abs(start + tap + 0.5 - centre) / support);
      weights[index * count + tap] = weight;
      sum += weight;
    }
    if (sum === 0) weights[index * count] = sum = 1;
    for (let tap = 0; tap < count; tap++) weights[index * count + tap]! /= sum;
  }
  return { starts, weights, count };
}
