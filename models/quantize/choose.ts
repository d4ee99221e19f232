import { lower } from '../../src/nn/kernels/layers.ts';
import { createKernelNetwork } from '../../src/nn/kernels/network.ts';
import { simdLevel } from '../../src/nn/kernels/simd.ts';
import { convolutionsOnly } from '../../src/nn/kernels/storage.ts';
import { instructions } from '../../wasm/formats.ts';
import type { Calibrated } from './calibration.ts';
import { gainSteps, type RangesFile, rangesOf } from './ranges.ts';

/** Digits of a limit: finer than 16 bits can tell. */
const digits = 6;

/** A channel that was hardly ever seen active may be elsewhere. */
const leastGain = 1 / 8;

/** The ranges of a network's maps: the picture, which comes first, and the maps named `wide` in 16 bits. */
export function rangesFile({ graph, maps }: Calibrated, wide: readonly string[]): RangesFile {
  const bytes: Record<string, number[]> = {};
  const words: Record<string, number[]> = {};
  const gains: Record<string, string> = {};
  const byChannel = convolutionsOnly(lower(graph));
  const [picture] = maps.keys();
  for (const [name, { range, channels }] of maps) {
    const { low, high } = range;
    const kind = name === picture || wide.includes(name) ? 'words' : 'bytes';
    (kind === 'words' ? words : bytes)[name] = [low, high].map((limit) => Number(limit.toPrecision(digits)));
    if (kind === 'words' || !byChannel.has(name)) continue;
    gains[name] = channels
      .map((own) => Math.max(leastGain, own.low / low || 0, own.high / high || 0))
      .map((gain) =>
        Math.ceil(gainSteps * gain)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('');
  }
  return { bytes, words, gains };
}

/** For each output: how far integers are from float32 (root mean square), as a share of how the output varies. */
export async function outputError({ graph, inputs }: Calibrated, ranges: RangesFile): Promise<string[]> {
  const isa = instructions(simdLevel());
  const input = graph.inputs[0]!.name;
  const float = createKernelNetwork(graph, isa, undefined);
  const integers = (['i8', 'i16'] as const).map(
    (format) =>
      [format, createKernelNetwork({ ...graph, ranges: rangesOf(ranges) }, isa, isa[format])] as const,
  );
  const lines: string[] = [];
  for (const [format, network] of integers) {
    const squares = new Map<string, { error: number; spread: number }>();
    for (const picture of inputs) {
      const expected = await float.run({ [input]: picture });
      const found = await network.run({ [input]: picture });
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
    for (const [name, { error, spread }] of squares)
      lines.push(`${format} ${name}: ${(100 * Math.sqrt(error / spread)).toFixed(2)}%`);
    await network.close();
  }
  await float.close();
  return lines;
}
