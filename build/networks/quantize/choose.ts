import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { simdLevel } from '../../../src/nn/kernels/simd.ts';
import { instructions } from '../../../wasm/formats.ts';
import type { ObservedNetwork } from './calibration.ts';
import { type RangesFile, rangesOf } from './ranges.ts';

/** Digits of a limit: finer than 16 bits can tell. */
const digits = 6;

/** The ranges of a network's maps. */
export function rangesFile({ maps }: ObservedNetwork): RangesFile {
  return Object.fromEntries(
    [...maps].map(([name, { low, high }]) => [
      name,
      [low, high].map((limit) => Number(limit.toPrecision(digits))),
    ]),
  );
}

/** For each output: how far integers are from float32 (root mean square), as a share of how the output varies. */
export async function outputError({ graph, inputs }: ObservedNetwork, ranges: RangesFile): Promise<string[]> {
  const isa = instructions(simdLevel());
  const input = graph.inputs[0]!.name;
  const float = createKernelNetwork(graph, isa, undefined);
  const integers = createKernelNetwork({ ...graph, ranges: rangesOf(ranges) }, isa, isa.i16);
  const squares = new Map<string, { error: number; spread: number }>();
  for (const picture of inputs) {
    const expected = await float.run({ [input]: picture });
    const found = await integers.run({ [input]: picture });
    for (const [name, { data }] of Object.entries(expected)) {
      const sums = squares.get(name) ?? { error: 0, spread: 0 };
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
      data.forEach((value, index) => {
        sums.error += (found[name]!.data[index]! - value) ** 2;
        sums.spread += (value - mean) ** 2;
      });
      squares.set(name, sums);
    }
  }
  await integers.close();
  await float.close();
  return [...squares].map(
    ([name, { error, spread }]) => `${name}: ${(100 * Math.sqrt(error / spread)).toFixed(2)}%`,
  );
}
