import type { Range } from '../../../src/nn/graph.ts';

/**
 * The ranges that `npm run quantize` measured of a network (`models/<id>/ranges.json`): least and
 * largest value of its maps, by name.
 */
export type RangesFile = Readonly<Record<string, readonly number[]>>;

export function rangesOf(file: RangesFile): Map<string, Range> {
  return new Map(Object.entries(file).map(([name, [low, high]]) => [name, { low, high } as Range]));
}
