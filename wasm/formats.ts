import { type Code, f32x4, i8x16, i16x8, i32x4, type Local, v128 } from './assembler.ts';

/**
 * How a feature map's values are stored and multiplied. Kernels are written once for all
 * formats: what they share is the 32-bit word, which holds one, two or four channels, and the
 * lane that sums them up.
 */
export interface Format {
  readonly name: 'f32' | 'i16' | 'i8';
  /** Bytes of a value. */
  readonly bytes: 4 | 2 | 1;
  /** Values in a 32-bit word. */
  readonly group: 1 | 2 | 4;
  /** Largest stored value; a stored q stands for q times the map's scale. */
  readonly largest: number;
  /** Largest stored weight. */
  readonly largestWeight: number;
  /** SIMD instructions that {@link accumulate} takes. */
  readonly instructions: 1 | 2;
  /** `sum` + the dot product of each lane's words of `weights` and `values`. */
  accumulate(sum: Code, weights: Code, values: Code): Code;
  /** The four sums as float32. */
  sums(sums: Code): Code;
  /** Channels 4·`index` to 4·`index` + 3 at an address, as float32. */
  load(address: Code, offset: number, index: number): Code;
  /** Stores vectors of four float32 as neighbouring channels: one, two or four vectors. */
  store(address: Code, vectors: readonly Code[], offset: number): Code;
  /**
   * Turns rows (as many as a word holds values, each 16 bytes of the same channels) into words that
   * hold the rows of one channel, in channel order. Overwrites the rows.
   */
  interleave(rows: readonly Local[], words: readonly Local[]): Code;
}

/** a·b + c on float32 lanes. */
export type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

/** What a SIMD level offers to kernels. */
export interface Instructions {
  readonly multiplyAdd: MultiplyAdd;
  readonly f32: Format;
  readonly i16: Format;
  /** Only with relaxed SIMD. */
  readonly i8?: Format;
}

/** @param relaxed whether relaxed SIMD (fused multiply-add, dot products of bytes) may be used */
export function instructions(relaxed: boolean): Instructions {
  const multiplyAdd: MultiplyAdd = relaxed ? f32x4.relaxedMadd : (a, b, c) => f32x4.add(f32x4.mul(a, b), c);
  return { multiplyAdd, f32: float32(multiplyAdd, relaxed ? 1 : 2), i16, ...(relaxed && { i8 }) };
}

const float32 = (multiplyAdd: MultiplyAdd, instructions: 1 | 2): Format => ({
  name: 'f32',
  bytes: 4,
  group: 1,
  largest: Number.POSITIVE_INFINITY,
  largestWeight: Number.POSITIVE_INFINITY,
  instructions,
  accumulate: (sum, weights, values) => multiplyAdd(weights, values, sum),
  sums: (sums) => sums,
  load: (address, offset, index) => v128.load(address, offset + 16 * index),
  store: (address, vectors, offset) =>
    vectors.map((vector, index) => v128.store(address, vector, offset + 16 * index)),
  interleave: ([row], [word]) => word!.set(row!.get),
});

/**
 * 16-bit integers, in plain SIMD. 12 bits for values leave 19 bits for the sum of a channel's
 * weights, which are therefore stored as finely as that sum allows.
 */
const i16: Format = {
  name: 'i16',
  bytes: 2,
  group: 2,
  largest: 4095,
  largestWeight: 32767,
  instructions: 2,
  accumulate: (sum, weights, values) => i32x4.add(sum, i32x4.dotI16x8S(weights, values)),
  sums: f32x4.convertI32x4S,
  load: (address, offset, index) => f32x4.convertI32x4S(v128.load16x4S(address, offset + 8 * index)),
  store: (address, vectors, offset) =>
    pairs(vectors).map(([low, high], index) => {
      const narrow = i16x8.narrowI32x4S(rounded(low), rounded(high ?? low));
      return high
        ? v128.store(address, narrow, offset + 16 * index)
        : v128.store64Lane(address, narrow, 0, offset + 16 * index);
    }),
  interleave: ([first, second], [low, high]) => [
    low!.set(interleaveLow(2, first!, second!)),
    high!.set(interleaveHigh(2, first!, second!)),
  ],
};

/** 7-bit integers: what relaxed SIMD's dot product of bytes takes on every processor. */
const i8: Format = {
  name: 'i8',
  bytes: 1,
  group: 4,
  largest: 127,
  largestWeight: 127,
  instructions: 1,
  accumulate: (sum, weights, values) => i32x4.relaxedDotI8x16I7x16AddS(weights, values, sum),
  sums: f32x4.convertI32x4S,
  load: (address, offset, index) =>
    f32x4.convertI32x4S(
      i32x4.extendLowI16x8S(i16x8.extendLowI8x16U(v128.load32Zero(address, offset + 4 * index))),
    ),
  store: (address, vectors, offset) => {
    const [low, high = low] = pairs(vectors).map(([first, second]) =>
      i16x8.narrowI32x4S(rounded(first), rounded(second ?? first)),
    );
    const bytes = i8x16.narrowI16x8U(low as Code, high as Code);
    if (vectors.length === 4) return v128.store(address, bytes, offset);
    if (vectors.length === 2) return v128.store64Lane(address, bytes, 0, offset);
    return v128.store32Lane(address, bytes, 0, offset);
  },
  interleave: ([first, second, third, fourth], [a, b, c, d]) => [
    a!.set(interleaveLow(1, first!, second!)),
    b!.set(interleaveHigh(1, first!, second!)),
    c!.set(interleaveLow(1, third!, fourth!)),
    d!.set(interleaveHigh(1, third!, fourth!)),
    first!.set(interleaveLow(2, a!, c!)),
    second!.set(interleaveHigh(2, a!, c!)),
    third!.set(interleaveLow(2, b!, d!)),
    d!.set(interleaveHigh(2, b!, d!)),
    a!.set(first!.get),
    b!.set(second!.get),
    c!.set(third!.get),
  ],
};

/** Items of `width` bytes of the lower halves of two vectors in turn. */
const interleaveLow = (width: number, first: Local, second: Local): Code =>
  i8x16.shuffle(first.get, second.get, alternating(0, width));

const interleaveHigh = (width: number, first: Local, second: Local): Code =>
  i8x16.shuffle(first.get, second.get, alternating(8, width));

const alternating = (start: number, width: number): number[] =>
  Array.from({ length: 16 }, (_, lane) => {
    const item = Math.floor(lane / width);
    return start + Math.floor(item / 2) * width + (lane % width) + 16 * (item % 2);
  });

/**
 * The nearest integers of float32 lanes within ±2^22: added to 1.5·2^23, a float has the integer
 * in its lowest bits. Two cheap instructions, where a saturating conversion takes many.
 */
const rounded = (values: Code): Code =>
  i32x4.sub(
    f32x4.add(values, v128.const(Float32Array.of(...lanes(12582912)))),
    v128.const(Int32Array.of(...lanes(0x4b400000))),
  );

/** The same value in each of four lanes. */
export const lanes = (value: number): [number, number, number, number] => [value, value, value, value];

function pairs<T>(items: readonly T[]): [T, T | undefined][] {
  return Array.from({ length: Math.ceil(items.length / 2) }, (_, index) => [
    items[2 * index] as T,
    items[2 * index + 1],
  ]);
}
