import {
  type Code,
  countDown,
  f32x4,
  i8x16,
  i16x8,
  i32,
  i32x4,
  increment,
  type Local,
  v128,
  wasmFunction,
} from './assembler.ts';
import { float32s, int16s } from './lanes.ts';

/** Bytes of a row that {@link blendRows} takes at a time: it reads and writes whole blocks. */
export const blockBytes = 16;

/**
 * Rows of weighted sums of rows of bytes, as float32: `target[i] = Σ weight · row[i]`.
 *
 * Parameters: address of a table that has for each result the distance in bytes of its first source row
 * and a float32 weight for each; number of weights, at least 1; number of results, at least 1; address of the
 * source; bytes from a row to the next; blocks of a row; address of the results.
 */
export const blendRows = wasmFunction(
  'blendRows',
  ['table', 'taps', 'rows', 'source', 'rowBytes', 'blocks', 'target'],
  (f, { table, taps, rows, source, rowBytes, blocks, target }) => {
    const row = f.i32();
    const at = f.i32();
    const entry = f.i32();
    const leftBlocks = f.i32();
    const left = f.i32();
    const weight = f.v128();
    const bytes = f.v128();
    const half = f.v128();
    const sums = f.v128s(4);
    const add = (sum: Local, integers: ReturnType<typeof i32x4.add>) =>
      sum.set(f32x4.add(sum.get, f32x4.mul(weight.get, f32x4.convertI32x4S(integers))));
    return countDown(rows, [
      row.set(i32.add(source.get, i32.load(table.get))),
      leftBlocks.set(blocks.get),
      countDown(leftBlocks, [
        sums.map((sum) => sum.set(float32s(0))),
        entry.set(table.get),
        at.set(row.get),
        left.set(taps.get),
        countDown(left, [
          increment(entry, 4),
          bytes.set(v128.load(at.get)),
          weight.set(v128.load32Splat(entry.get)),
          half.set(i16x8.extendLowI8x16U(bytes.get)),
          add(sums[0]!, i32x4.extendLowI16x8S(half.get)),
          add(sums[1]!, i32x4.extendHighI16x8S(half.get)),
          half.set(i16x8.extendHighI8x16U(bytes.get)),
          add(sums[2]!, i32x4.extendLowI16x8S(half.get)),
          add(sums[3]!, i32x4.extendHighI16x8S(half.get)),
          at.set(i32.add(at.get, rowBytes.get)),
        ]),
        sums.map((sum, index) => v128.store(target.get, sum.get, 16 * index)),
        increment(target, 4 * blockBytes),
        increment(row, blockBytes),
      ]),
      table.set(i32.add(entry.get, i32.const(4))),
    ]);
  },
);

/**
 * Rows of RGB pixels of float32 at another width: pixel x is the weighted sum of neighbouring pixels
 * of the source. Reads one float beyond the last of them, and writes one.
 *
 * Parameters: address of a table that has for each pixel the distance in bytes of its first source
 * pixel and a float32 weight for each; number of weights a pixel, of pixels and of rows, at least 1; address
 * of the source; bytes from one of its rows to the next; address of the results.
 */
export const squeezeRows = wasmFunction(
  'squeezeRows',
  ['table', 'taps', 'width', 'rows', 'source', 'rowBytes', 'target'],
  (f, { table, taps, width, rows, source, rowBytes, target }) => {
    const entry = f.i32();
    const at = f.i32();
    const left = f.i32();
    const leftPixels = f.i32();
    const sum = f.v128();
    return countDown(rows, [
      entry.set(table.get),
      leftPixels.set(width.get),
      countDown(leftPixels, [
        at.set(i32.add(source.get, i32.load(entry.get))),
        left.set(taps.get),
        sum.set(float32s(0)),
        countDown(left, [
          increment(entry, 4),
          sum.set(f32x4.add(sum.get, f32x4.mul(v128.load32Splat(entry.get), v128.load(at.get)))),
          increment(at, 12),
        ]),
        increment(entry, 4),
        v128.store(target.get, sum.get),
        increment(target, 12),
      ]),
      source.set(i32.add(source.get, rowBytes.get)),
    ]);
  },
);

/** Pixels that {@link halveRow} makes at a time: it reads twice as many of both rows, and writes 4 bytes more. */
export const halvedPixels = 4;

/**
 * The average of every 2×2 RGB pixels of bytes of two rows.
 *
 * Parameters: addresses of both rows and of the result; number of blocks, at least 1.
 */
export const halveRow = wasmFunction(
  'halveRow',
  ['upper', 'lower', 'target', 'blocks'],
  (f, { upper, lower, target, blocks }) => {
    const [start, end] = f.v128s(2) as [Local, Local];
    const columns = f.v128s(4);
    const average = (half: (bytes: Code) => Code) => {
      const [first, ...others] = columns.map((column) => half(column.get)) as [Code, ...Code[]];
      const sum = others.reduce((all, column) => i16x8.add(all, column), first);
      return i16x8.shrU(i16x8.add(sum, int16s(2)), i32.const(2));
    };
    return countDown(blocks, [
      [upper, lower].map((row, index) => [
        start.set(v128.load(row.get)),
        end.set(v128.load(row.get, 8)),
        [0, 1].map((column) =>
          columns[2 * index + column]!.set(i8x16.shuffle(start.get, end.get, everyOther(column))),
        ),
        increment(row, 6 * halvedPixels),
      ]),
      v128.store(
        target.get,
        i8x16.narrowI16x8U(average(i16x8.extendLowI8x16U), average(i16x8.extendHighI8x16U)),
      ),
      increment(target, 3 * halvedPixels),
    ]);
  },
);

/** The places of every other one of eight pixels, of which two vectors have the bytes from 0 and from 8 on. */
const everyOther = (first: number): number[] =>
  Array.from({ length: 16 }, (_, byte) => {
    const place = Math.min(6 * Math.floor(byte / 3) + 3 * first + (byte % 3), 23);
    return place < 16 ? place : 16 + place - 8;
  });
