import {
  type Code,
  doWhile,
  type FunctionBuilder,
  i8x16,
  i16x8,
  i32,
  i32x4,
  increment,
  type Local,
  v128,
  wasmFunction,
} from './assembler.ts';
import { int16s, int32s, interleave } from './lanes.ts';

/*
 * Rows of samples: what is subsampled becomes whole, and luminance with chrominance becomes RGB.
 * All work on 16 samples at a time and so read and write up to 47 bytes beyond the end of a row.
 */

const low = (bytes: Code): Code => i16x8.extendLowI8x16U(bytes);
const high = (bytes: Code): Code => i16x8.extendHighI8x16U(bytes);
const shiftRight = (value: Code, bits: number): Code => i16x8.shrU(value, i32.const(bits));
/** 3a + b. */
const weigh = (a: Code, b: Code): Code => i16x8.add(i16x8.mul(a, int16s(3)), b);

/**
 * Doubles a row horizontally by a triangle filter: 3/4 of the nearer sample and 1/4 of the next.
 * Parameters: addresses of the samples (with a neighbour at both ends) and of the result; number of samples.
 */
export const doubleWidth = wasmFunction(
  'double width',
  ['source', 'target', 'count'],
  (f, { source, target, count }) => {
    const at = (part: (bytes: Code) => Code, offset: number) =>
      part(v128.load(i32.add(source.get, i32.const(offset))));
    return perSixteen(count, [
      storeAlternating(
        f,
        target.get,
        [low, high].map((part) => shiftRight(i16x8.add(weigh(at(part, 0), at(part, -1)), int16s(1)), 2)),
        [low, high].map((part) => shiftRight(i16x8.add(weigh(at(part, 0), at(part, 1)), int16s(2)), 2)),
      ),
      increment(source, 16),
      increment(target, 32),
    ]);
  },
);

/**
 * The same in both directions: a row of the double height as well.
 * Parameters: addresses of the nearer row, of the other and of the result; number of samples.
 */
export const doubleBoth = wasmFunction(
  'double both',
  ['near', 'far', 'target', 'count'],
  (f, { near, far, target, count }) => {
    const code: Code[] = [];
    /** 4 times the row at the right height. */
    const sums = [-1, 0, 1].map((offset) => {
      const load = (row: Local) => v128.load(i32.add(row.get, i32.const(offset)));
      return [low, high].map((part) => {
        const sum = f.v128();
        code.push(sum.set(weigh(part(load(near)), part(load(far)))));
        return sum.get;
      });
    }) as [Code[], Code[], Code[]];
    const [before, here, after] = sums;
    const mix = (other: readonly Code[], bias: number) =>
      here.map((sum, half) => shiftRight(i16x8.add(weigh(sum, other[half]!), int16s(bias)), 4));
    return perSixteen(count, [
      code,
      storeAlternating(f, target.get, mix(before, 8), mix(after, 7)),
      increment(near, 16),
      increment(far, 16),
      increment(target, 32),
    ]);
  },
);

/**
 * The same vertically only. Parameters: addresses of the nearer row, of the other and of the result;
 * number of samples; what is added before the last two bits are dropped.
 */
export const doubleHeight = wasmFunction(
  'double height',
  ['near', 'far', 'target', 'count', 'bias'],
  (_, { near, far, target, count, bias }) => {
    const halves = [low, high].map((part) =>
      shiftRight(
        i16x8.add(weigh(part(v128.load(near.get)), part(v128.load(far.get))), i16x8.splat(bias.get)),
        2,
      ),
    ) as [Code, Code];
    return perSixteen(count, [
      v128.store(target.get, i8x16.narrowI16x8U(...halves)),
      increment(near, 16),
      increment(far, 16),
      increment(target, 16),
    ]);
  },
);

/**
 * Luminance and chrominance to RGB by the equations of JFIF (clause 7), rounded once for each value:
 * R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb. The factors of R and B are
 * taken apart into whole ones and small rests, which fit 15 bits and round as the whole would.
 *
 * Parameters: addresses of the rows of Y, Cb and Cr and of the result; number of pixels.
 */
export const yccToRgb = wasmFunction(
  'ycc to rgb',
  ['y', 'cb', 'cr', 'target', 'count'],
  (f, { y, cb, cr, target, count }) => {
    const code: Code[] = [];
    const keep = (value: Code): Code => {
      const local = f.v128();
      code.push(local.set(value));
      return local.get;
    };
    const channels = [low, high].map((part) => {
      const luminance = keep(part(v128.load(y.get)));
      const blue = keep(i16x8.sub(part(v128.load(cb.get)), int16s(128)));
      const red = keep(i16x8.sub(part(v128.load(cr.get)), int16s(128)));
      const scaled = (value: Code, factor: number) => i16x8.q15mulrSatS(value, int16s(factor));
      const green = ([0, 8] as const).map((from) =>
        i32x4.shrS(
          i32x4.add(
            i32x4.dotI16x8S(
              interleave(blue, red, from),
              v128.const(Int16Array.of(...pair(-22554, 18734), ...pair(-22554, 18734))),
            ),
            int32s(1 << 15),
          ),
          i32.const(16),
        ),
      ) as [Code, Code];
      return [
        keep(i16x8.add(i16x8.add(luminance, red), scaled(red, 13172))),
        keep(i16x8.add(i16x8.sub(luminance, red), i16x8.narrowI32x4S(...green))),
        keep(i16x8.add(i16x8.add(luminance, i16x8.add(blue, blue)), scaled(blue, -7471))),
      ];
    }) as [Code[], Code[]];
    const [red, green, blue] = [0, 1, 2].map((channel) =>
      keep(i8x16.narrowI16x8U(channels[0][channel]!, channels[1][channel]!)),
    ) as [Code, Code, Code];
    return perSixteen(count, [
      code,
      [0, 1, 2].map((vector) => v128.store(target.get, rgbBytes(red, green, blue, vector), 16 * vector)),
      increment(y, 16),
      increment(cb, 16),
      increment(cr, 16),
      increment(target, 48),
    ]);
  },
);

const pair = (a: number, b: number): [number, number, number, number] => [a, b, a, b];

/** Bytes 16·`vector` and on of sixteen pixels: red and green first, then blue between them. */
function rgbBytes(red: Code, green: Code, blue: Code, vector: number): Code {
  const places = Array.from({ length: 16 }, (_, i) => 16 * vector + i);
  const pixelOf = (place: number) => Math.floor(place / 3);
  const withoutBlue = places.map((place) => pixelOf(place) + 16 * (place % 3 === 1 ? 1 : 0));
  const withBlue = places.map((place, i) => (place % 3 === 2 ? 16 + pixelOf(place) : i));
  return i8x16.shuffle(i8x16.shuffle(red, green, withoutBlue), blue, withBlue);
}

const perSixteen = (count: Local, body: Code): Code =>
  doWhile([body, increment(count, -16)], i32.gtS(count.get, i32.const(0)));

/** Stores sixteen even and sixteen odd samples, each as two vectors of int16, in turn. */
function storeAlternating(
  f: FunctionBuilder,
  address: Code,
  even: readonly Code[],
  odd: readonly Code[],
): Code {
  const [evens, odds] = [f.v128(), f.v128()];
  const alternating = (from: number) => Array.from({ length: 16 }, (_, i) => from + (i >> 1) + 16 * (i % 2));
  return [
    evens.set(i8x16.narrowI16x8U(even[0]!, even[1]!)),
    odds.set(i8x16.narrowI16x8U(odd[0]!, odd[1]!)),
    v128.store(address, i8x16.shuffle(evens.get, odds.get, alternating(0))),
    v128.store(address, i8x16.shuffle(evens.get, odds.get, alternating(8)), 16),
  ];
}
