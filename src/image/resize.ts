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
  const columns = new Taps(source.left, source.right, width, raster.width, mirrored);
  const rows = new Taps(source.top, source.bottom, height, raster.height);
  const ends = [columns.startAt(0), columns.startAt(width - 1)];
  const left = Math.min(...ends);
  const right = Math.max(...ends) + columns.count;
  const read = columnsToRead(raster, left, right);
  /** Values of a source row, and a few that lie behind it. */
  const { rowBytes: length } = placeFor(raster, { left: read.left, top: 0, right: read.right, bottom: 0 }, 0);
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

const tableBytes = ({ count }: Taps, targetLength: number): number => 4 * (1 + count) * targetLength;

/**
 * For each target pixel of an axis the run of source pixels that it sums up.
 *
 * A class, since V8 forgets how it has optimised functions that are made anew for each image.
 */
class Taps {
  /** Source pixels of a run. */
  readonly count: number;
  readonly #from: number;
  readonly #scale: number;
  readonly #support: number;
  readonly #targetLength: number;
  readonly #sourceLength: number;
  readonly #backwards: boolean;

  /** @param backwards the last target pixel comes first */
  constructor(from: number, to: number, targetLength: number, sourceLength: number, backwards = false) {
    this.#from = from;
    this.#scale = (to - from) / targetLength;
    this.#support = Math.max(1, this.#scale);
    this.#targetLength = targetLength;
    this.#sourceLength = sourceLength;
    this.#backwards = backwards;
    let count = 1;
    for (let index = 0; index < targetLength; index++) {
      const centre = this.#centreOf(index);
      count = Math.max(count, Math.ceil(centre + this.#support - 0.5) - this.#firstOf(centre));
    }
    this.count = count;
  }

  /** The first source pixel of a target pixel. */
  startAt(index: number): number {
    return this.#startOf(this.#centreOf(index));
  }

  /** Writes a table: for each target pixel its first source pixel, an int32, and float32 weights that sum to 1. */
  write(memory: ArrayBuffer, address: number): void {
    const { count } = this;
    const targetLength = this.#targetLength;
    const support = this.#support;
    const length = targetLength * (1 + count);
    const starts = new Int32Array(memory, address, length);
    const weights = new Float32Array(memory, address, length);
    for (let index = 0, at = 0; index < targetLength; index++) {
      const centre = this.#centreOf(index);
      const start = this.#startOf(centre);
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
  }

  #centreOf(index: number): number {
    return this.#from + ((this.#backwards ? this.#targetLength - 1 - index : index) + 0.5) * this.#scale;
  }

  /** The first source pixel that has a weight. */
  #firstOf(centre: number): number {
    return Math.floor(centre - this.#support - 0.5) + 1;
  }

  /** Beyond the border every tap is the border's pixel: no need to run further out. */
  #startOf(centre: number): number {
    return Math.min(Math.max(this.#firstOf(centre), -this.count), this.#sourceLength);
  }
}
