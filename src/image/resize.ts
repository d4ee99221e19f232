import { roundUp } from '../../wasm/plane.ts';
import { blockBytes, blockPixels } from '../../wasm/resample.ts';
import type { Box, Size } from './geometry.ts';
import { coloursOf, type ImageRows } from './image-rows.ts';
import { pixelKernels } from './kernels.ts';
import { type Picture, reductionFor } from './picture.ts';
import { type PartialRaster, pixelAt, type Raster } from './raster.ts';

/** A part of an image's rows: some of their columns, and the next rows of the image. */
export interface RowsPart {
  readonly rows: ImageRows;
  /** First of the columns. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** All columns of rows. @param height rows that are written */
export const allOf = (rows: ImageRows, height: number): RowsPart => ({
  rows,
  left: 0,
  width: rows.row.length / 3,
  height,
});

/**
 * Resamples a rectangle of a raster into rows, values 0 to 255, with a triangle filter whose
 * support grows with the reduction (so that nothing aliases) and that is plain bilinear
 * interpolation on enlargement. The rectangle may be fractional and reach outside the raster,
 * whose border is repeated there.
 */
export function resizeInto(target: RowsPart, raster: PartialRaster, source: Box): void {
  if (isPixelForPixel(source, target)) {
    copyInto(target, raster, source);
    return;
  }
  const { rows: image, left, width, height } = target;
  const columns = tapsOf(source.left, source.right, width, raster.width);
  const rows = tapsOf(source.top, source.bottom, height, raster.height);
  const kernels = pixelKernels();
  const firstColumn = columns.starts[0]!;
  /** Pixels of a source row that are summed up, those outside the raster included. */
  const span = columns.starts[width - 1]! + columns.count - firstColumn;
  const blocks = Math.ceil((3 * span) / blockBytes);

  // The kernels' memory: tables, a row of sums, a row of each colour, and the rows now summed up.
  const columnTable = 0;
  const rowTable = columnTable + 4 * width * (1 + columns.count);
  const sums = roundUp(rowTable + 8 * rows.count, blockBytes);
  const colours = sums + 4 * blockBytes * (blocks + 1);
  const colourBytes = 4 * width;
  const slots = roundUp(colours + 3 * colourBytes, blockBytes);
  const slotBytes = blockBytes * blocks;
  const buffer = kernels.reserve(slots + rows.count * slotBytes);
  const bytes = new Uint8Array(buffer);
  const integers = new Int32Array(buffer, 0, slots / 4);
  const floats = new Float32Array(buffer, 0, slots / 4);

  for (let x = 0, at = columnTable / 4; x < width; x++) {
    integers[at++] = 12 * (columns.starts[x]! - firstColumn);
    for (let tap = 0; tap < columns.count; tap++) floats[at++] = columns.weights[x * columns.count + tap]!;
  }

  // Made once: thousands of views for rows would have the collector run at every picture.
  const rowsSummed = Array.from({ length: rows.count }, (_, slot) => {
    const start = slots + slot * slotBytes;
    return bytes.subarray(start, start + 3 * span);
  });
  const coloursMade = coloursOf(floats.subarray(colours / 4, colours / 4 + 3 * width));
  let loaded = -1;
  for (let y = 0; y < height; y++) {
    for (let tap = 0, at = rowTable / 4; tap < rows.count; tap++) {
      const row = Math.min(Math.max(rows.starts[y]! + tap, 0), raster.height - 1);
      // Rows come in rising order, and no more than `count` of them are needed at a time.
      const slot = row % rows.count;
      if (row > loaded) {
        loadRow(raster, row, firstColumn, rowsSummed[slot]!);
        loaded = row;
      }
      integers[at++] = slots + slot * slotBytes;
      floats[at++] = rows.weights[y * rows.count + tap]!;
    }
    kernels.blendRows(rowTable, rows.count, blocks, sums);
    kernels.squeezeRow(
      columnTable,
      columns.count,
      width,
      sums,
      colours,
      colours + colourBytes,
      colours + 2 * colourBytes,
    );
    addRow(image, left, coloursMade);
  }
}

/** Makes the next row of an image, in which colours begin at a column. */
function addRow({ row, next }: ImageRows, left: number, colours: readonly Float32Array[]): void {
  for (let colour = 0; colour < 3; colour++) row.set(colours[colour]!, (colour * row.length) / 3 + left);
  next();
}

const isPixelForPixel = ({ left, top, right, bottom }: Box, { width, height }: RowsPart): boolean =>
  Number.isInteger(left) && Number.isInteger(top) && right - left === width && bottom - top === height;

/** {@link resizeInto} of whole pixels at the size that they have. */
function copyInto(
  { rows, left: column, width, height }: RowsPart,
  raster: PartialRaster,
  { left, top }: Box,
): void {
  const kernels = pixelKernels();
  const blocks = Math.ceil(width / blockPixels);
  const colourBytes = 4 * blockPixels * blocks;
  const rowBytes = roundUp(3 * blockPixels * blocks + 4, blockBytes);
  const buffer = kernels.reserve(rowBytes + 3 * colourBytes);
  const row = new Uint8Array(buffer, 0, 3 * width);
  const [red, green, blue] = [0, 1, 2].map((colour) => rowBytes + colour * colourBytes) as [
    number,
    number,
    number,
  ];
  const colours = [red, green, blue].map((address) => new Float32Array(buffer, address, width));
  for (let y = 0; y < height; y++) {
    loadRow(raster, Math.min(Math.max(top + y, 0), raster.height - 1), left, row);
    kernels.separateRow(0, blocks, red, green, blue);
    addRow(rows, column, colours);
  }
}

/** Pixels of a row from `first` on; outside the raster its border is repeated. */
export function loadRow(raster: PartialRaster, row: number, first: number, target: Uint8Array): void {
  const { width, data } = raster;
  const end = first + target.length / 3;
  const repeat = (column: number, from: number, to: number) => {
    const pixel = pixelAt(raster, column, row);
    for (let at = 3 * (from - first); at < 3 * (to - first); at += 3) {
      target[at] = data[pixel]!;
      target[at + 1] = data[pixel + 1]!;
      target[at + 2] = data[pixel + 2]!;
    }
  };
  repeat(0, first, Math.min(0, end));
  repeat(width - 1, Math.max(first, width), end);
  const inside = Math.max(first, 0);
  const insideEnd = Math.min(end, width);
  if (inside < insideEnd) {
    const start = pixelAt(raster, inside, row);
    target.set(data.subarray(start, start + 3 * (insideEnd - inside)), 3 * (inside - first));
  }
}

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
