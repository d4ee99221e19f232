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

/** Pixels that {@link halveRows} makes at a time: 4 bytes more are read behind twice as many, and written. */
export const halvedPixels = 4;

/**
 * Rows of the average of every 2×2 RGB pixels of bytes, one behind the other.
 *
 * Parameters: address of the pixels and bytes of their rows; number of rows of the result and of blocks in one, at
 * least 1; address of the result and bytes of its rows.
 */
export const halveRows = wasmFunction(
  'halveRows',
  ['source', 'rowBytes', 'rows', 'blocks', 'target', 'targetRowBytes'],
  (f, { source, rowBytes, rows, blocks, target, targetRowBytes }) => {
    const [upper, to, left] = [f.i32(), f.i32(), f.i32()];
    /** For two pixels of the result the sums of two neighbours in a row, by colour. */
    const pairs = (address: Code, offset: number): Code =>
      i16x8.extaddPairwiseI8x16U(i8x16.swizzle(v128.load(address, offset), v128.const(neighbours)));
    const averages = (offset: number): Code => {
      const sums = i16x8.add(pairs(upper.get, offset), pairs(i32.add(upper.get, rowBytes.get), offset));
      return i16x8.shrU(i16x8.add(sums, int16s(2)), i32.const(2));
    };
    return countDown(rows, [
      upper.set(source.get),
      to.set(target.get),
      left.set(blocks.get),
      countDown(left, [
        v128.store(
          to.get,
          i8x16.swizzle(i8x16.narrowI16x8U(averages(0), averages(3 * halvedPixels)), v128.const(withoutGaps)),
        ),
        increment(upper, 6 * halvedPixels),
        increment(to, 3 * halvedPixels),
      ]),
      advance(source, rowBytes),
      advance(source, rowBytes),
      advance(target, targetRowBytes),
    ]);
  },
);

/** The places of four pixels' colours, each beside the one to its right. */
const neighbours = Uint8Array.from({ length: 16 }, (_, byte) => {
  const value = byte >> 1;
  return byte < 12 ? 6 * Math.floor(value / 3) + (value % 3) + 3 * (byte & 1) : 255;
});

/** The places of six bytes in each half. */
const withoutGaps = Uint8Array.from({ length: 16 }, (_, byte) =>
  byte < 12 ? 8 * Math.floor(byte / 6) + (byte % 6) : 255,
);
