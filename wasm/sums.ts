import { type Code, type FunctionBuilder, type Local, v128 } from './assembler.ts';
import { chainWords, type Format } from './formats.ts';

/** The sums of a tile, which take products word by word. */
export interface Sums {
  /** Locals by pixel and vector of channels. */
  readonly locals: readonly (readonly Local[])[];
  /** Once at the start of the function. */
  readonly prepare: Code;
  /**
   * Adds the products of a word to one sum.
   *
   * @param index of the word
   * @param last whether the word is the last that the sum takes, or the last of what is repeated
   */
  add(pixel: number, vector: number, weights: Code, values: Code, index: number, last: boolean): Code;
}

/** Words of a chain that fits a run of words without a rest. */
export function chainLength(runWords: number): number {
  return divisorUpTo(chainWords, runWords);
}

export function divisorUpTo(most: number, value: number): number {
  let divisor = most;
  while (value % divisor !== 0) divisor--;
  return divisor;
}

export function createSums(
  f: FunctionBuilder,
  { chain, accumulate }: Format,
  pixels: number,
  vectors: number,
): Sums {
  const declare = () => Array.from({ length: pixels }, () => f.v128s(vectors));
  const locals = declare();
  if (!chain) {
    return {
      locals,
      prepare: [],
      add(pixel, vector, weights, values) {
        const sum = locals[pixel]![vector]!;
        return sum.set(accumulate(sum.get, weights, values));
      },
    };
  }
  const chains = declare();
  const ones = f.v128();
  return {
    locals,
    prepare: ones.set(v128.const(new Int16Array(8).fill(1))),
    add(pixel, vector, weights, values, index, last) {
      const sum = locals[pixel]![vector]!;
      const halves = chains[pixel]![vector]!;
      const position = index % chainWords;
      return [
        halves.set(position === 0 ? chain.first(weights, values) : chain.next(halves.get, weights, values)),
        last || position === chainWords - 1 ? sum.set(chain.join(sum.get, halves.get, ones.get)) : [],
      ];
    },
  };
}
