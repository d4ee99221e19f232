import { type Code, i8x16, v128 } from './assembler.ts';

/** The same value in each of four lanes. */
export const lanes = (value: number): [number, number, number, number] => [value, value, value, value];

/** A vector of one float32. */
export const float32s = (value: number): Code => v128.const(Float32Array.of(...lanes(value)));

/** A vector of one int32. */
export const int32s = (value: number): Code => v128.const(Int32Array.of(...lanes(value)));

/** A vector of one int16. */
export const int16s = (value: number): Code => v128.const(Int16Array.of(...lanes(value), ...lanes(value)));

/** A vector of one byte. */
export const int8s = (value: number): Code => v128.const(new Uint8Array(16).fill(value));

/** The int16 lanes of a and b in turn, from the lower half of both (0) or the upper one (8, in bytes). */
export const interleave = (a: Code, b: Code, from: 0 | 8): Code =>
  i8x16.shuffle(
    a,
    b,
    [0, 2, 4, 6].flatMap((at) => [from + at, from + at + 1, 16 + from + at, 17 + from + at]),
  );
