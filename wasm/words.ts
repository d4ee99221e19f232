import { type Code, i8x16 } from './assembler.ts';

/** The int16 lanes of a and b in turn, from the lower half of both (0) or the upper one (8, in bytes). */
export const interleave = (a: Code, b: Code, from: 0 | 8): Code =>
  i8x16.shuffle(
    a,
    b,
    [0, 2, 4, 6].flatMap((at) => [from + at, from + at + 1, 16 + from + at, 17 + from + at]),
  );
