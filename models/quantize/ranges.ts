import type { Range } from '../../src/nn/graph.ts';

/**
 * What `npm run quantize` measured of a network (`models/<id>/ranges.json`): least and largest value
 * of its maps, by name.
 */
export interface RangesFile {
  /** Maps that 7 bits are enough for. */
  readonly bytes: Readonly<Record<string, readonly number[]>>;
  /** Maps that take 16-bit integers on every engine. */
  readonly words: Readonly<Record<string, readonly number[]>>;
  /** Shares of the range of a map of bytes that its channels take, in 255ths: two hexadecimal digits for each. */
  readonly gains: Readonly<Record<string, string>>;
}

/** What {@link RangesFile.gains} are in parts of. */
export const gainSteps = 255;

export function rangesOf({ bytes, words, gains }: RangesFile): Map<string, Range> {
  const entries = (ranges: RangesFile['bytes'], wide: boolean) =>
    Object.entries(ranges).map(([name, [low, high]]) => {
      const shares = gains[name]?.match(/../g)?.map((digits) => Number.parseInt(digits, 16) / gainSteps);
      return [name, { low, high, wide, ...(shares && { gains: shares }) } as Range] as const;
    });
  return new Map([...entries(bytes, false), ...entries(words, true)]);
}
