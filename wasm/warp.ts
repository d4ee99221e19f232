import {
  advance,
  type Code,
  countDown,
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
import { int16s, int32s } from './lanes.ts';

/** Fractional bits of positions. */
export const positionBits = 16;

/** Fractional bits of the weights that neighbouring pixels get. */
const weightBits = 8;

/** The same of cubic interpolation: what two of them and a pixel make stays below 2^31. */
const cubicWeightBits = 11;

/**
 * One row of a raster under an affine map, 8-bit RGB, every pixel the mean of one or four bilinear
 * samples. Positions are counted in pixels times 2^{@link positionBits} from the first pixel's
 * centre; those outside the raster are moved to its border.
 *
 * Parameters: address of a table of vectors of int32, x and y of each twice: the step to the next pixel,
 * the raster's last position, and for four samples the step down and the step to the right, with 0
 * in place of its first two; x and y of the first sample; address of the raster and bytes of its
 * rows; number of pixels, at least 1; address of the result. Reads up to a row and 8 bytes behind
 * the raster, and writes one byte behind the result.
 *
 * @param samples for each pixel
 */
export function warpRow(samples: 1 | 4): WasmFunction {
  return wasmFunction(
    `warpRow ${samples}`,
    ['table', 'x', 'y', 'raster', 'rowBytes', 'width', 'target'],
    (f, { table, x, y, raster, rowBytes, width, target }) => {
      const [step, last, down, right] = f.v128s(4) as [Local, Local, Local, Local];
      const strides = f.v128();
      /** Of two samples: x and y of one, then of the one to its right. */
      const pair = f.v128();
      const position = f.v128();
      const distances = f.v128();
      /** Weights of 16 bits: of the lower row, and of the left column and the right one. */
      const [vertical, horizontal] = f.v128s(2) as [Local, Local];
      const upper = f.v128();
      const blend = f.v128();
      const sum = f.v128();
      const at = f.i32();

      const addSample = (lane: number): Code => [
        at.set(i32.add(raster.get, i32x4.extractLane(distances.get, lane))),
        upper.set(besides(v128.load64Zero(at.get))),
        blend.set(i16x8.sub(besides(v128.load64Zero(i32.add(at.get, rowBytes.get))), upper.get)),
        blend.set(i16x8.mul(blend.get, splatLane(vertical.get, lane + 1))),
        blend.set(i16x8.add(blend.get, i16x8.shl(upper.get, i32.const(weightBits)))),
        // From 0 to 2^16: less half of that they have a sign, as products take them.
        blend.set(i16x8.sub(blend.get, int16s(1 << 15))),
        sum.set(i32x4.add(sum.get, i32x4.dotI16x8S(blend.get, splatLane(horizontal.get, lane)))),
      ];
      const addPair = (where: Code): Code => [
        position.set(i32x4.minS(i32x4.maxS(where, integers(0)), last.get)),
        findPixels(position, strides, distances),
        vertical.set(i8x16.swizzle(position.get, v128.const(fractionsTwice))),
        horizontal.set(i16x8.mul(vertical.get, inTurns(-1, 1))),
        horizontal.set(i16x8.add(horizontal.get, inTurns(1 << weightBits, 0))),
        (samples === 1 ? [0] : [0, 2]).map(addSample),
      ];
      const shift = 2 * weightBits + (samples === 4 ? 2 : 0);
      return [
        [step, last, down, right].map((vector, index) => vector.set(v128.load(table.get, 16 * index))),
        strides.set(twice(i32.const(3), rowBytes.get)),
        pair.set(twice(x.get, y.get)),
        samples === 1 ? [] : pair.set(i32x4.add(pair.get, right.get)),
        countDown(width, [
          sum.set(integers((1 << (shift - 1)) + samples * (1 << (15 + weightBits)))),
          addPair(pair.get),
          samples === 1 ? [] : addPair(i32x4.add(pair.get, down.get)),
          storeMean(target, sum, shift),
          pair.set(i32x4.add(pair.get, step.get)),
          increment(target, 3),
        ]),
      ];
    },
  );
}

/**
 * The weighted sums of the colours of two neighbouring pixels.
 *
 * @param first place of the first one's first byte
 * @param weights two of 16 bits in each lane
 */
const blended = (row: Code, first: 0 | 6, weights: Local): Code =>
  i32x4.dotI16x8S(besides(row, first), weights.get);

/**
 * The weights of four neighbouring pixels for each position between the second and the third, in steps of
 * 2^-8: Keys' cubic convolution (1981, a = -1/2), which keeps the pixels that there are and is exact for
 * parabolas. Fixed point with 11 fractional bits; four sum to 1.
 */
export const cubicWeights: Int16Array = new Int16Array(
  Array.from({ length: 1 << weightBits }, (_, step) => cubicWeightsAt(step / (1 << weightBits))).flat(),
);

/** @param t position behind the second pixel, 0 to 1 */
function cubicWeightsAt(t: number): number[] {
  const one = 1 << cubicWeightBits;
  const before = Math.round((one * t * (2 * t - t * t - 1)) / 2);
  const behind = Math.round((one * t * (1 + 4 * t - 3 * t * t)) / 2);
  const last = Math.round((one * t * t * (t - 1)) / 2);
  return [before, one - before - behind - last, behind, last];
}

/**
 * One row of a raster under an affine map as {@link warpRow} makes it, every pixel one bicubic sample. Around
 * the raster lies a border of one pixel.
 *
 * Parameters: address of {@link warpRow}'s table, of which the step and the last position are read, and
 * behind its four vectors {@link cubicWeights}; x and y of the first sample; address of the border's first
 * pixel and bytes of the rows with their border; number of pixels, at least 1; address of the result.
 * Reads up to a row and 8 bytes behind the border, and writes one byte behind the result.
 */
export const warpRowCubic: WasmFunction = wasmFunction(
  'warpRow cubic',
  ['table', 'x', 'y', 'raster', 'rowBytes', 'width', 'target'],
  (f, { table, x, y, raster, rowBytes, width, target }) => {
    const [step, last, next, position] = f.v128s(4) as [Local, Local, Local, Local];
    const [strides, distances, row, sum] = f.v128s(4) as [Local, Local, Local, Local];
    const [left, right, down] = f.v128s(3) as [Local, Local, Local];
    const at = f.i32();
    const weights = f.i32();

    const findWeights = (lane: number): Code =>
      weights.set(
        i32.add(table.get, i32.mul(i32x4.extractLane(fractionOf(position), lane), i32.const(4 * 2))),
      );
    const addRow = (lane: number): Code => {
      const across = i32x4.add(blended(row.get, 0, left), blended(row.get, 6, right));
      return [
        row.set(v128.load(at.get)),
        advance(at, rowBytes),
        sum.set(i32x4.add(sum.get, i32x4.mul(across, splatLane(down.get, lane)))),
      ];
    };
    const shift = 2 * cubicWeightBits;
    return [
      [step, last].map((vector, index) => vector.set(v128.load(table.get, 16 * index))),
      increment(table, 4 * 16),
      strides.set(twice(i32.const(3), rowBytes.get)),
      next.set(twice(x.get, y.get)),
      countDown(width, [
        position.set(i32x4.minS(i32x4.maxS(next.get, integers(0)), last.get)),
        findPixels(position, strides, distances),
        at.set(i32.add(raster.get, i32x4.extractLane(distances.get, 0))),
        findWeights(0),
        left.set(v128.load32Splat(weights.get)),
        right.set(v128.load32Splat(weights.get, 4)),
        findWeights(1),
        down.set(v128.load16x4S(weights.get)),
        sum.set(integers(1 << (shift - 1))),
        [0, 1, 2, 3].map(addRow),
        storePixel(target, sum, shift),
        next.set(i32x4.add(next.get, step.get)),
        increment(target, 3),
      ]),
    ];
  },
);

/** Writes a pixel whose sum is a mean of pixels, and a byte behind it. @param shift fractional bits of the sum */
const storeMean = (target: Local, sum: Local, shift: number): Code => {
  const topBytes = Uint8Array.from({ length: 16 }, (_, byte) => (byte < 4 ? 4 * byte + 3 : 255));
  const bytes = i8x16.swizzle(i32x4.shl(sum.get, i32.const(24 - shift)), v128.const(topBytes));
  return v128.store32Lane(target.get, bytes, 0);
};

/** The same of a sum that may be less than 0 or more than 255. */
const storePixel = (target: Local, sum: Local, shift: number): Code => {
  const integer = i32x4.shrS(sum.get, i32.const(shift));
  const words = i16x8.narrowI32x4S(integer, integer);
  return v128.store32Lane(target.get, i8x16.narrowI16x8U(words, words), 0);
};

const integers = (value: number): Code => int32s(value);

/** Two values, and again. */
const twice = (first: Code, second: Code): Code =>
  i32x4.replaceLane(i32x4.replaceLane(i32x4.splat(first), 1, second), 3, second);

/**
 * Finds out how many bytes behind the raster's first the pixels begin in which positions are.
 *
 * @param position x and y, twice
 * @param strides bytes to the next pixel and to the next row, twice
 */
const findPixels = (position: Local, strides: Local, distances: Local): Code => [
  distances.set(i32x4.mul(i32x4.shrS(position.get, i32.const(positionBits)), strides.get)),
  distances.set(i32x4.add(distances.get, swapped(distances.get))),
];

/** The place of a position in its pixel along both axes, in steps of 2^-8. */
const fractionOf = (position: Local): Code =>
  v128.and(i32x4.shrS(position.get, i32.const(positionBits - weightBits)), integers(255));

/** The same twice in 16 bits each: it is the second byte of a position. */
const fractionsTwice = Uint8Array.from({ length: 16 }, (_, byte) => (byte % 2 ? 255 : 4 * (byte >> 2) + 1));

/** The bytes of a pixel, each beside that of the next pixel, in 16 bits. @param first place of the pixel's first byte */
const besides = (row: Code, first = 0): Code =>
  i8x16.swizzle(
    row,
    v128.const(
      Uint8Array.from({ length: 16 }, (_, byte) =>
        byte % 2 || byte > 11 ? 255 : first + neighbours[byte / 2]!,
      ),
    ),
  );
const neighbours = [0, 3, 1, 4, 2, 5];

/** Two of 16 bits in turn. */
const inTurns = (first: number, second: number): Code =>
  v128.const(Int16Array.from({ length: 8 }, (_, lane) => (lane % 2 ? second : first)));

/** The lanes of each pair exchanged. */
const swapped = (vector: Code): Code =>
  i8x16.shuffle(
    vector,
    vector,
    [1, 0, 3, 2].flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  );

const splatLane = (vector: Code, lane: number): Code =>
  i8x16.shuffle(
    vector,
    v128.const(new Int32Array(4)),
    Array.from({ length: 16 }, (_, byte) => 4 * lane + (byte % 4)),
  );
