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
 * The weighted sum of rows of bytes, as float32: `target[i] = Σ weight · row[i]`.
 *
 * Parameters: address of a table of (address of the row, float32 weight), one entry for each row;
 * number of rows, at least 1; number of blocks; address of the result.
 */
export const blendRows = wasmFunction(
  'blendRows',
  ['table', 'count', 'blocks', 'target'],
  (f, { table, count, blocks, target }) => {
    const offset = f.i32();
    const entry = f.i32();
    const left = f.i32();
    const weight = f.v128();
    const bytes = f.v128();
    const half = f.v128();
    const sums = f.v128s(4);
    const add = (sum: Local, integers: ReturnType<typeof i32x4.add>) =>
      sum.set(f32x4.add(sum.get, f32x4.mul(weight.get, f32x4.convertI32x4S(integers))));
    return countDown(blocks, [
      sums.map((sum) => sum.set(float32s(0))),
      entry.set(table.get),
      left.set(count.get),
      countDown(left, [
        bytes.set(v128.load(i32.add(i32.load(entry.get), offset.get))),
        weight.set(v128.load32Splat(entry.get, 4)),
        half.set(i16x8.extendLowI8x16U(bytes.get)),
        add(sums[0]!, i32x4.extendLowI16x8S(half.get)),
        add(sums[1]!, i32x4.extendHighI16x8S(half.get)),
        half.set(i16x8.extendHighI8x16U(bytes.get)),
        add(sums[2]!, i32x4.extendLowI16x8S(half.get)),
        add(sums[3]!, i32x4.extendHighI16x8S(half.get)),
        increment(entry, 8),
      ]),
      sums.map((sum, index) => v128.store(target.get, sum.get, 16 * index)),
      increment(target, 4 * blockBytes),
      increment(offset, blockBytes),
    ]);
  },
);

/**
 * One row of RGB pixels of float32 at another width, each colour on its own: pixel x is the
 * weighted sum of neighbouring pixels of the source. Reads one float beyond the last of them.
 *
 * Parameters: address of a table that has for each pixel the distance in bytes of its first source
 * pixel and a float32 weight for each; number of weights a pixel and of pixels, at least 1; address
 * of the source; addresses of the red, green and blue results.
 */
export const squeezeRow = wasmFunction(
  'squeezeRow',
  ['table', 'count', 'width', 'source', 'red', 'green', 'blue'],
  (f, { table, count, width, source, red, green, blue }) => {
    const at = f.i32();
    const left = f.i32();
    const sum = f.v128();
    return countDown(width, [
      at.set(i32.add(source.get, i32.load(table.get))),
      left.set(count.get),
      sum.set(float32s(0)),
      countDown(left, [
        increment(table, 4),
        sum.set(f32x4.add(sum.get, f32x4.mul(v128.load32Splat(table.get), v128.load(at.get)))),
        increment(at, 12),
      ]),
      increment(table, 4),
      [red, green, blue].map((target, lane) => [
        v128.store32Lane(target.get, sum.get, lane),
        increment(target, 4),
      ]),
    ]);
  },
);

/** Pixels that {@link separateRow} takes at a time: it reads whole ones, and 4 bytes more, and writes them. */
export const blockPixels = 4;

/**
 * One row of RGB pixels of bytes, each colour on its own as float32.
 *
 * Parameters: address of the source; number of blocks, at least 1; addresses of the red, green and blue results.
 */
export const separateRow = wasmFunction(
  'separateRow',
  ['source', 'blocks', 'red', 'green', 'blue'],
  (f, { source, blocks, red, green, blue }) => {
    const bytes = f.v128();
    return countDown(blocks, [
      bytes.set(v128.load(source.get)),
      [red, green, blue].map((target, colour) => [
        v128.store(target.get, f32x4.convertI32x4S(i8x16.swizzle(bytes.get, v128.const(everyThird(colour))))),
        increment(target, 16),
      ]),
      increment(source, 3 * blockPixels),
    ]);
  },
);

/** The places of one colour's bytes of four pixels, each widened to 32 bits. */
const everyThird = (colour: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, byte) => (byte % 4 === 0 ? colour + 3 * (byte / 4) : 255));

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
