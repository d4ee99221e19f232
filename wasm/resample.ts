import {
  advance,
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
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import { float32s, int16s } from './lanes.ts';

/** Bytes, and values made of them, that kernels take at a time: they read and write whole blocks. */
export const blockBytes = 16;

/**
 * Bytes as float32.
 *
 * Parameters: address of the bytes; number of blocks, at least 1; address of the results.
 */
export const widenBytes = wasmFunction(
  'widenBytes',
  ['source', 'blocks', 'target'],
  (f, { source, blocks, target }) => {
    const bytes = f.v128();
    const half = f.v128();
    return countDown(blocks, [
      bytes.set(v128.load(source.get)),
      [i16x8.extendLowI8x16U, i16x8.extendHighI8x16U].map((halfOf, index) => [
        half.set(halfOf(bytes.get)),
        [i32x4.extendLowI16x8U, i32x4.extendHighI16x8U].map((quarterOf, part) =>
          v128.store(target.get, f32x4.convertI32x4S(quarterOf(half.get)), 32 * index + 16 * part),
        ),
      ]),
      increment(source, blockBytes),
      increment(target, 4 * blockBytes),
    ]);
  },
);

/**
 * Rows of weighted sums of rows: `target[i] = Σ weight · row[i]`, all float32.
 *
 * Parameters: address of a table that has for each result the index of its first source row and a float32
 * weight for each; number of weights and of results, at least 1; address of the source;
 * bytes from a row of it to the next; blocks of a row; address of the results.
 */
export const blendRows = wasmFunction(
  'blendRows',
  ['table', 'taps', 'rows', 'source', 'rowBytes', 'blocks', 'target'],
  (f, { table, taps, rows, source, rowBytes, blocks, target }) => {
    const row = f.i32();
    const at = f.i32();
    const entry = f.i32();
    const leftBlocks = f.i32();
    const leftTaps = f.i32();
    const weight = f.v128();
    const sums = f.v128s(blockBytes / 4);
    return countDown(rows, [
      row.set(i32.add(source.get, i32.mul(i32.load(table.get), rowBytes.get))),
      leftBlocks.set(blocks.get),
      countDown(leftBlocks, [
        sums.map((sum) => sum.set(float32s(0))),
        at.set(row.get),
        entry.set(table.get),
        leftTaps.set(taps.get),
        countDown(leftTaps, [
          weight.set(v128.load32Splat(entry.get, 4)),
          sums.map((sum, index) =>
            sum.set(f32x4.add(sum.get, f32x4.mul(weight.get, v128.load(at.get, 16 * index)))),
          ),
          advance(at, rowBytes),
          increment(entry, 4),
        ]),
        sums.map((sum, index) => v128.store(target.get, sum.get, 16 * index)),
        increment(target, 4 * blockBytes),
        increment(row, 4 * blockBytes),
      ]),
      table.set(i32.add(entry.get, i32.const(4))),
    ]);
  },
);

/**
 * Rows of RGB pixels of float32 at another width: a pixel is the weighted sum of so many neighbouring pixels
 * of the source. Reads one float beyond the last of them, and writes one.
 *
 * Parameters: address of a table that has for each pixel the index of its first source pixel and a float32
 * weight for each; number of pixels and of rows, at least 1; address of the source; bytes from
 * a row of it to the next; address of the results.
 */
export const squeezeRows = (taps: number): WasmFunction =>
  wasmFunction(
    `squeezeRows of ${taps}`,
    ['table', 'width', 'rows', 'source', 'rowBytes', 'target'],
    (f, { table, width, rows, source, rowBytes, target }) => {
      const entry = f.i32();
      const at = f.i32();
      const left = f.i32();
      const sum = f.v128();
      return countDown(rows, [
        entry.set(table.get),
        left.set(width.get),
        countDown(left, [
          at.set(i32.add(source.get, i32.mul(i32.load(entry.get), i32.const(12)))),
          Array.from({ length: taps }, (_, tap) => {
            const product = f32x4.mul(v128.load32Splat(entry.get, 4 + 4 * tap), v128.load(at.get, 12 * tap));
            return sum.set(tap === 0 ? product : f32x4.add(sum.get, product));
          }),
          v128.store(target.get, sum.get),
          increment(entry, 4 + 4 * taps),
          increment(target, 12),
        ]),
        advance(source, rowBytes),
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
