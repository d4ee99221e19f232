import { type Code, f32x4, i16x8, i32x4, type Local, v128 } from './assembler.ts';
import { float32s, int32s, interleave } from './lanes.ts';

/** The storage and the arithmetic of a feature map's values. Kernels are written once for both formats. */
export interface Format {
  readonly name: 'f32' | 'i16';
  /** Bytes of a value. */
  readonly bytes: 4 | 2;
  /** Values in a 32-bit word. */
  readonly group: 1 | 2;
  /** `sum` + the dot product of each 32-bit lane's words of `weights` and `values`. */
  accumulate(sum: Code, weights: Code, values: Code): Code;
  /** The larger values of two vectors as they are stored. */
  max(a: Code, b: Code): Code;
  /** A vector as it is stored, as float32. */
  widen(vector: Code): Code[];
  /** Channels 4·`index` to 4·`index` + 3 at an address, as float32. */
  load(address: Code, offset: number, index: number): Code;
  /** Stores vectors of four float32 as neighbouring channels, limited and rounded. */
  store(address: Code, vectors: readonly Code[], offset: number, limits: ValueLimits): Code;
  /** Vectors of four float32, as many as a vector holds values, limited and rounded. */
  pack(vectors: readonly Code[], limits: ValueLimits): Code;
  /** Stores one value of a vector. */
  storeLane(address: Code, vector: Code, lane: number, offset: number): Code;
  /**
   * Turns rows (as many as a word holds values, each 16 bytes of the same channels) into words that
   * hold the rows of one channel, in channel order.
   */
  interleave(rows: readonly Local[], words: readonly Local[]): Code;
}

/** The least and the largest stored value. */
export interface ValueLimits {
  readonly low: number;
  readonly high: number;
  /** True: the size of values, before anything is added to them, is at most {@link mostNear}. */
  readonly near?: boolean;
}

/** Up to this size values need not be limited before they are rounded: see {@link rounded}. */
export const mostNear = 2 ** 23;

/** a·b + c on float32 lanes. */
export type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

/** The instructions and formats of a SIMD level. */
export interface Instructions {
  readonly level: SimdLevel;
  readonly multiplyAdd: MultiplyAdd;
  readonly f32: Format;
  readonly i16: Format;
}

/** The SIMD of a JavaScript engine: as in WebAssembly 2.0, or with fused multiply-add. */
export type SimdLevel = 'plain' | 'relaxed';

export function instructions(level: SimdLevel): Instructions {
  const plainMultiplyAdd: MultiplyAdd = (a, b, c) => f32x4.add(f32x4.mul(a, b), c);
  const multiplyAdd = level === 'plain' ? plainMultiplyAdd : f32x4.relaxedMadd;
  return { level, multiplyAdd, f32: float32(multiplyAdd), i16 };
}

const float32 = (multiplyAdd: MultiplyAdd): Format => ({
  name: 'f32',
  bytes: 4,
  group: 1,
  accumulate: (sum, weights, values) => multiplyAdd(weights, values, sum),
  max: f32x4.pmax,
  widen: (vector) => [vector],
  load: (address, offset, index) => v128.load(address, offset + 16 * index),
  store: (address, vectors, offset, limits) =>
    vectors.map((vector, index) => v128.store(address, limited(vector, limits), offset + 16 * index)),
  pack: ([vector], limits) => limited(vector!, limits),
  storeLane: v128.store32Lane,
  interleave: ([row], [word]) => word!.set(row!.get),
});

const i16: Format = {
  name: 'i16',
  bytes: 2,
  group: 2,
  accumulate: (sum, weights, values) => i32x4.add(sum, i32x4.dotI16x8S(weights, values)),
  max: i16x8.maxS,
  widen: (vector) =>
    [i32x4.extendLowI16x8S(vector), i32x4.extendHighI16x8S(vector)].map((half) => f32x4.convertI32x4S(half)),
  load: (address, offset, index) => f32x4.convertI32x4S(v128.load16x4S(address, offset + 8 * index)),
  store: (address, vectors, offset, limits) =>
    pairs(vectors).map(([low, high], index) => {
      const words = packedWords([low, high ?? low], limits);
      return high
        ? v128.store(address, words, offset + 16 * index)
        : v128.store64Lane(address, words, 0, offset + 16 * index);
    }),
  pack: packedWords,
  storeLane: v128.store16Lane,
  interleave: ([first, second], [low, high]) => [
    low!.set(interleave(first!.get, second!.get, 0)),
    high!.set(interleave(first!.get, second!.get, 8)),
  ],
};

function packedWords(vectors: readonly Code[], { low, high, near = false }: ValueLimits): Code {
  const [first, second] = vectors.map((vector) =>
    rounded(near ? vector : limited(vector, { low, high: Number.POSITIVE_INFINITY })),
  );
  return limitedWords(i16x8.narrowI32x4S(first!, second!), { low: near ? low : -32768, high });
}

/** Eight 16-bit integers within limits, of which those that no 16 bits can leave cost nothing. */
export function limitedWords(words: Code, { low, high }: ValueLimits): Code {
  const bound = (value: number) => v128.const(new Int16Array(8).fill(Math.round(value)));
  const lowered = high < 32767 ? i16x8.minS(words, bound(high)) : words;
  return low > -32768 ? i16x8.maxS(lowered, bound(low)) : lowered;
}

export function limited(value: Code, { low, high }: ValueLimits): Code {
  const raised = low === Number.NEGATIVE_INFINITY ? value : f32x4.pmax(value, float32s(low));
  return high === Number.POSITIVE_INFINITY ? raised : f32x4.pmin(raised, float32s(high));
}

/**
 * The nearest integers of float32 lanes within ±2^22, of larger ones a larger integer, of smaller ones down to
 * -{@link mostNear} a smaller one: added to 1.5·2^23, a float has the integer in its lowest bits. Two cheap
 * instructions, where a saturating conversion takes many.
 */
const rounded = (values: Code): Code => i32x4.sub(f32x4.add(values, float32s(12582912)), int32s(0x4b400000));

export function pairs<T>(items: readonly T[]): [T, T | undefined][] {
  return Array.from({ length: Math.ceil(items.length / 2) }, (_, index) => [
    items[2 * index] as T,
    items[2 * index + 1],
  ]);
}
