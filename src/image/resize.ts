import { roundUp } from '../../wasm/plane.ts';
import { blockBytes } from '../../wasm/resample.ts';
import type { Canvas } from './canvas.ts';
import { type Box, type Size, wholeOf } from './geometry.ts';
import { pixelKernels } from './kernels.ts';
import { type Picture, reductionFor } from './picture.ts';
import { copyPixels, type PartialRaster, placeFor } from './raster.ts';

/** Bytes of sums, about, that are made at a time: they stay in the first caches. */
const bandBytes = 32768;

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
  const columns = tapsOf(source.left, source.right, width, raster.width, mirrored);
  const rows = tapsOf(source.top, source.bottom, height, raster.height);
  const ends = [columns.startAt(0), columns.startAt(width - 1)];
  const left = Math.min(...ends);
  const right = Math.max(...ends) + columns.count;
  const read = columnsToRead(raster, left, right);
  /** Values of a source row, and a few that lie behind it. */
  const { rowBytes: length } = placeFor(raster, { ...read, top: 0, bottom: 0 }, 0);
  const blocks = Math.ceil((3 * (right - left)) / blockBytes);
  const sumBytes = 4 * blockBytes * blocks;
  const bandRows = Math.min(height, Math.ceil(bandBytes / sumBytes));
  /** Blocks of a band's source rows, at most. */
  const sourceBlocks = Math.ceil(
    (length * (Math.ceil((bandRows * (source.bottom - source.top)) / height) + rows.count)) / blockBytes,
  );

  // The kernels' memory. Blocks reach beyond rows.
  const columnTable = 0;
  const rowTable = columnTable + tableBytes(columns, width);
  const bytes = roundUp(rowTable + tableBytes(rows, height), blockBytes);
  const floats = bytes + blockBytes * (sourceBlocks + 1);
  const sums = floats + 4 * blockBytes * (sourceBlocks + 1);
  const results = sums + bandRows * sumBytes + 16;
  const kernels = pixelKernels();
  const buffer = kernels.reserve(results + 12 * width * bandRows + 16);
  const memory = new Uint8Array(buffer);
  columns.write(buffer, columnTable);
  rows.write(buffer, rowTable);
  const squeezeRows = kernels.squeezeRows(columns.count);
  const taken = canvas.taken ?? { from: window.top, end: window.bottom };
  const end = Math.min(height, taken.end - window.top);
  for (let y = Math.max(0, taken.from - window.top); y < end; y += bandRows) {
    const count = Math.min(bandRows, end - y);
    const top = rows.startAt(y);
    const bottom = rows.startAt(y + count - 1) + rows.count;
    // Boxes of one make: V8 is slower with those that are spread.
    const sources = { left: read.left, top, right: read.right, bottom };
    const place = placeFor(raster, sources, bytes);
    copyPixels(raster, sources, memory, place);
    kernels.widenBytes(place.at, Math.ceil((length * (bottom - top)) / blockBytes), floats);
    const table = rowTable + tableBytes(rows, y);
    const origin = floats + 4 * (3 * (left - read.left) - length * top);
    kernels.blendRows(table, rows.count, count, origin, 4 * length, blocks, sums);
    squeezeRows(columnTable, width, count, sums - 12 * left, sumBytes, results);
    const made = new Float32Array(buffer, results, 3 * width * count);
    const box = {
      left: window.left,
      top: window.top + y,
      right: window.right,
      bottom: window.top + y + count,
    };
    canvas.put(box, made);
  }
}

/** Columns with those that are needed. Where these are most of all it is all: rows are copied together then. */
function columnsToRead(
  { width, held = wholeOf({ width, height: 0 }) }: PartialRaster,
  left: number,
  right: number,
): Pick<Box, 'left' | 'right'> {
  const isMost =
    held.left <= left && right <= held.right && 4 * (held.right - held.left) <= 5 * (right - left);
  return isMost ? { left: held.left, right: held.right } : { left, right };
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
): { raster: PartialRaster; source: Box } {
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
  readonly count: number;
  /** The first source pixel of a target pixel. */
  startAt(index: number): number;
  /** Writes a table: for each target pixel its first source pixel, an int32, and float32 weights that sum to 1. */
  write(memory: ArrayBuffer, address: number): void;
}

const tableBytes = ({ count }: Taps, targetLength: number): number => 4 * (1 + count) * targetLength;

/** @param backwards the last target pixel comes first */
function tapsOf(
  from: number,
  to: number,
  targetLength: number,
  sourceLength: number,
  backwards = false,
): Taps {
  const scale = (to - from) / targetLength;
  const support = Math.max(1, scale);
  const centreOf = (index: number) => from + ((backwards ? targetLength - 1 - index : index) + 0.5) * scale;
  /** The first source pixel that has a weight, and the first one behind those that do. */
  const firstOf = (centre: number) => Math.floor(centre - support - 0.5) + 1;
  const endOf = (centre: number) => Math.ceil(centre + support - 0.5);
  let count = 1;
  for (let index = 0; index < targetLength; index++) {
    const centre = centreOf(index);
    count = Math.max(count, endOf(centre) - firstOf(centre));
  }
  // Beyond the border every tap is the border's pixel: no need to run further out.
  const startOf = (centre: number) => Math.min(Math.max(firstOf(centre), -count), sourceLength);
  return {
    count,
    startAt: (index) => startOf(centreOf(index)),
    write(memory, address) {
      const length = targetLength * (1 + count);
      const starts = new Int32Array(memory, address, length);
      const weights = new Float32Array(memory, address, length);
      for (let index = 0, at = 0; index < targetLength; index++) {
        const centre = centreOf(index);
        const start = startOf(centre);
        starts[at++] = start;
        let sum = 0;
        for (let tap = 0; tap < count; tap++) {
          const weight = Math.max(0, 1 - Math.abs(start + tap + 0.5 - centre) / support);
          weights[at + tap] = weight;
          sum += weight;
        }
        if (sum === 0) weights[at] = sum = 1;
        for (const end = at + count; at < end; at++) weights[at]! /= sum;
      }
    },
  };
}
