import { type Code, f32x4, i8x16, i16x8, i32, i32x4, type Local, v128 } from './assembler.ts';

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
  /** Whether a stored value may be negative. */
  readonly signed: boolean;
  /** `sum` + the dot product of each lane's words of `weights` and `values`. */
  accumulate(sum: Code, weights: Code, values: Code): Code;
  /** Present where several words are faster together. */
  readonly chain?: Chain;
  /** The four sums as float32. */
  sums(sums: Code): Code;
  /** Channels 4·`index` to 4·`index` + 3 at an address, as float32. */
  load(address: Code, offset: number, index: number): Code;
  /**
   * Stores vectors of four float32 as neighbouring channels, limited and rounded: one, two or four
   * vectors. Integers take values from -12 million on.
   */
  store(address: Code, vectors: readonly Code[], offset: number, limits: Limits): Code;
  /**
   * Turns rows (as many as a word holds values, each 16 bytes of the same channels) into words that
   * hold the rows of one channel, in channel order. Overwrites the rows.
   */
  interleave(rows: readonly Local[], words: readonly Local[]): Code;
}

/** What stored values are limited to. */
export interface Limits {
  readonly low: number;
  readonly high: number;
}

/**
 * Sums of 16 bits for a chain of up to {@link chainWords} words, of which the lane's sum then takes
 * the two halves. Packing keeps weights small enough that these never overflow.
 */
export interface Chain {
  first(weights: Code, values: Code): Code;
  next(halves: Code, weights: Code, values: Code): Code;
  /** @param ones 16-bit ones */
  join(sum: Code, halves: Code, ones: Code): Code;
}

export const chainWords = 4;

/** a·b + c on float32 lanes. */
export type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

/** What a SIMD level offers to kernels. */
export interface Instructions {
  readonly multiplyAdd: MultiplyAdd;
  readonly f32: Format;
  readonly i16: Format;
  /** Without relaxed SIMD slower than {@link i16}; the numbers are the same on every level. */
  readonly i8: Format;
}

/**
 * What an engine can do. `plain`: SIMD as in WebAssembly 2.0. `relaxed`: fused multiply-add and dot
 * products of bytes too. `relaxed-dot`: the latter as one instruction of the processor.
 */
export type SimdLevel = 'plain' | 'relaxed' | 'relaxed-dot';

export function instructions(level: SimdLevel): Instructions {
  const plainMultiplyAdd: MultiplyAdd = (a, b, c) => f32x4.add(f32x4.mul(a, b), c);
  const multiplyAdd = level === 'plain' ? plainMultiplyAdd : f32x4.relaxedMadd;
  return {
    multiplyAdd,
    f32: float32(multiplyAdd),
    i16,
    i8: level === 'relaxed-dot' ? i8 : { ...i8, chain: chainOf(level) },
  };
}

/**
 * Where the processor lacks a dot product of four bytes an engine takes five instructions for one;
 * the two halves of it take one each.
 */
function chainOf(level: 'plain' | 'relaxed'): Chain {
  const halves = level === 'plain' ? plainHalves : i16x8.relaxedDotI8x16I7x16S;
  return {
    first: halves,
    next: (sums, weights, values) => i16x8.add(sums, halves(weights, values)),
    join: (sum, sums, ones) => i32x4.add(sum, i32x4.dotI16x8S(sums, ones)),
  };
}

const plainHalves = (weights: Code, values: Code): Code => {
  const byte = i32.const(8);
  const even = i16x8.mul(
    i16x8.shrS(i16x8.shl(weights, byte), byte),
    v128.and(values, v128.const(new Int16Array(8).fill(0xff))),
  );
  return i16x8.add(even, i16x8.mul(i16x8.shrS(weights, byte), i16x8.shrU(values, byte)));
};

const float32 = (multiplyAdd: MultiplyAdd): Format => ({
  name: 'f32',
  bytes: 4,
  group: 1,
  largest: Number.POSITIVE_INFINITY,
  largestWeight: Number.POSITIVE_INFINITY,
  signed: true,
  accumulate: (sum, weights, values) => multiplyAdd(weights, values, sum),
  sums: (sums) => sums,
  load: (address, offset, index) => v128.load(address, offset + 16 * index),
  store: (address, vectors, offset, limits) =>
    vectors.map((vector, index) => v128.store(address, limited(vector, limits), offset + 16 * index)),
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
  signed: true,
  accumulate: (sum, weights, values) => i32x4.add(sum, i32x4.dotI16x8S(weights, values)),
  sums: f32x4.convertI32x4S,
  load: (address, offset, index) => f32x4.convertI32x4S(v128.load16x4S(address, offset + 8 * index)),
  store: (address, vectors, offset, limits) =>
    pairs(vectors).map(([low, high], index) => {
      const most = v128.const(new Int16Array(8).fill(Math.round(limits.high)));
      const least = v128.const(new Int16Array(8).fill(Math.round(limits.low)));
      const wide = i16x8.narrowI32x4S(rounded(low), rounded(high ?? low));
      const narrow = i16x8.maxS(i16x8.minS(wide, most), least);
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
  signed: false,
  accumulate: (sum, weights, values) => i32x4.relaxedDotI8x16I7x16AddS(weights, values, sum),
  sums: f32x4.convertI32x4S,
  load: (address, offset, index) =>
    f32x4.convertI32x4S(
      i32x4.extendLowI16x8S(i16x8.extendLowI8x16U(v128.load32Zero(address, offset + 4 * index))),
    ),
  store: (address, vectors, offset, limits) => {
    const [low, high = low] = pairs(vectors).map(([first, second]) =>
      i16x8.narrowI32x4S(rounded(first), rounded(second ?? first)),
    );
    const bound = (value: number) => v128.const(new Uint8Array(16).fill(Math.round(value)));
    const belowHigh = i8x16.minU(i8x16.narrowI16x8U(low as Code, high as Code), bound(limits.high));
    // What is negative has become 0.
    const bytes = limits.low > 0 ? i8x16.maxU(belowHigh, bound(limits.low)) : belowHigh;
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

export function limited(value: Code, { low, high }: Limits): Code {
  const raised = low === Number.NEGATIVE_INFINITY ? value : f32x4.pmax(value, constant(low));
  return high === Number.POSITIVE_INFINITY ? raised : f32x4.pmin(raised, constant(high));
}

export const constant = (value: number): Code => v128.const(Float32Array.of(...lanes(value)));

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
