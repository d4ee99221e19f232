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
import { int32s } from './lanes.ts';

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
      /** Of two samples: x and y of one, then of the one to its right. */
      const pair = f.v128();
      const position = f.v128();
      const fraction = f.v128();
      const weights = f.v128();
      const vertical = f.v128();
      const pixels = f.v128();
      const column = f.v128();
      /** Sums of the left columns, and of what the right ones have more, times their weight. */
      const [columns, slopes] = f.v128s(2) as [Local, Local];
      const at = f.i32();

      const addSample = (lane: number): Code => [
        at.set(addressOf(position, raster, rowBytes, lane)),
        vertical.set(splatLane(weights.get, lane + 1)),
        pixels.set(
          i8x16.shuffle(v128.load64Zero(at.get), v128.load64Zero(i32.add(at.get, rowBytes.get)), inTurn),
        ),
        column.set(blended(pixels.get, vertical)),
        columns.set(i32x4.add(columns.get, column.get)),
        column.set(i32x4.sub(blended(shifted(pixels.get), vertical), column.get)),
        slopes.set(i32x4.add(slopes.get, i32x4.mul(column.get, splatLane(fraction.get, lane)))),
      ];
      const addPair = (where: Code): Code => [
        position.set(i32x4.minS(i32x4.maxS(where, integers(0)), last.get)),
        fraction.set(fractionOf(position)),
        // Two 16-bit weights in each lane: that of the row below, and what is left for this one.
        weights.set(i32x4.add(i32x4.mul(fraction.get, integers(65535)), integers(256))),
        (samples === 1 ? [0] : [0, 2]).map(addSample),
      ];
      const shift = 2 * weightBits + (samples === 4 ? 2 : 0);
      return [
        [step, last, down, right].map((vector, index) => vector.set(v128.load(table.get, 16 * index))),
        pair.set(i32x4.replaceLane(i32x4.replaceLane(i32x4.splat(x.get), 1, y.get), 3, y.get)),
        samples === 1 ? [] : pair.set(i32x4.add(pair.get, right.get)),
        countDown(width, [
          columns.set(integers(0)),
          slopes.set(integers(1 << (shift - 1))),
          addPair(pair.get),
          samples === 1 ? [] : addPair(i32x4.add(pair.get, down.get)),
          slopes.set(i32x4.add(slopes.get, i32x4.shl(columns.get, i32.const(weightBits)))),
          storePixel(target, slopes, shift),
          pair.set(i32x4.add(pair.get, step.get)),
          increment(target, 3),
        ]),
      ];
    },
  );
}

/** The first eight bytes of a row and of the next in turn. */
const inTurn = Array.from({ length: 16 }, (_, byte) => (byte >> 1) + 16 * (byte & 1));

/** Two rows in turn from the next pixel on. */
const shifted = (rows: Code): Code =>
  i8x16.shuffle(
    rows,
    rows,
    Array.from({ length: 16 }, (_, byte) => (byte + 6) % 16),
  );

/** The weighted sums of the first four values of both rows. @param weights two of 16 bits in each lane */
const blended = (rows: Code, weights: Local): Code =>
  i32x4.dotI16x8S(i16x8.extendLowI8x16U(rows), weights.get);

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
    const [first, second, third, fourth] = f.v128s(4) as [Local, Local, Local, Local];
    const [upper, lower, across] = f.v128s(3) as [Local, Local, Local];
    const pairs = f.v128();
    const pairsBelow = f.v128();
    const sum = f.v128();
    const address = f.i32();
    const at = f.i32();
    const weights = f.i32();

    const findWeights = (lane: number): Code =>
      weights.set(
        i32.add(
          i32.add(table.get, i32.const(4 * 16)),
          i32.mul(i32x4.extractLane(fractionOf(position), lane), i32.const(4 * 2)),
        ),
      );
    const addPixel = (pixel: number, above: Code, below: Code): Code => {
      const column = i32x4.add(blended(above, upper), blended(below, lower));
      return sum.set(i32x4.add(sum.get, i32x4.mul(column, splatLane(across.get, pixel))));
    };
    const addPixels = (pixel: 0 | 2): Code => [
      at.set(address.get),
      [first, second, third, fourth].map((row) => [
        row.set(v128.load64Zero(at.get, 3 * pixel)),
        advance(at, rowBytes),
      ]),
      pairs.set(i8x16.shuffle(first.get, second.get, inTurn)),
      pairsBelow.set(i8x16.shuffle(third.get, fourth.get, inTurn)),
      addPixel(pixel, pairs.get, pairsBelow.get),
      addPixel(pixel + 1, shifted(pairs.get), shifted(pairsBelow.get)),
    ];
    const shift = 2 * cubicWeightBits;
    return [
      [step, last].map((vector, index) => vector.set(v128.load(table.get, 16 * index))),
      next.set(i32x4.replaceLane(i32x4.splat(x.get), 1, y.get)),
      countDown(width, [
        position.set(i32x4.minS(i32x4.maxS(next.get, integers(0)), last.get)),
        address.set(addressOf(position, raster, rowBytes)),
        findWeights(1),
        upper.set(v128.load32Splat(weights.get)),
        lower.set(v128.load32Splat(weights.get, 4)),
        findWeights(0),
        across.set(v128.load16x4S(weights.get)),
        sum.set(integers(1 << (shift - 1))),
        addPixels(0),
        addPixels(2),
        storePixel(target, sum, shift),
        next.set(i32x4.add(next.get, step.get)),
        increment(target, 3),
      ]),
    ];
  },
);

/** Writes a pixel, and a byte behind it. @param shift fractional bits of its sum */
const storePixel = (target: Local, sum: Local, shift: number): Code => {
  const integer = i32x4.shrS(sum.get, i32.const(shift));
  const words = i16x8.narrowI32x4S(integer, integer);
  return v128.store32Lane(target.get, i8x16.narrowI16x8U(words, words), 0);
};

const integers = (value: number): Code => int32s(value);

/** The pixel in which a position lies, along one axis. */
const cell = (position: Local, lane: number): Code =>
  i32x4.extractLane(i32x4.shrS(position.get, i32.const(positionBits)), lane);

/** The address of that pixel. @param lane of the position's x, which y follows */
const addressOf = (position: Local, raster: Local, rowBytes: Local, lane = 0): Code =>
  i32.add(
    i32.add(raster.get, i32.mul(cell(position, lane + 1), rowBytes.get)),
    i32.mul(cell(position, lane), i32.const(3)),
  );

/** The place of a position in its pixel along both axes, in steps of 2^-8. */
const fractionOf = (position: Local): Code =>
  v128.and(i32x4.shrS(position.get, i32.const(positionBits - weightBits)), integers(255));

const splatLane = (vector: Code, lane: number): Code =>
  i8x16.shuffle(
    vector,
    v128.const(new Int32Array(4)),
    Array.from({ length: 16 }, (_, byte) => 4 * lane + (byte % 4)),
  );
