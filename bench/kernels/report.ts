import { formatTable } from '../accuracy/table.ts';
import type { Machine } from '../speed/machine.ts';
import type { KernelAnswer, MeasuredCase, MeasuredLayer } from './protocol.ts';

/** All that a run measured. */
export interface KernelReport {
  readonly machine: Machine;
  /** By engine. */
  readonly answers: readonly (readonly [engine: string, answer: KernelAnswer])[];
}

const giga = 1e9;

/** Markdown: networks by engine, then layers beside the roof. */
export function formatKernels({ machine, answers }: KernelReport): string {
  const lines = [
    '# Kernels',
    '',
    `${machine.processor}, ${machine.cores} cores, ${machine.system}, phiz ${machine.phiz}, ${machine.date}. Made by \`npm run bench:kernels\`; one thread,`,
    'milliseconds of the fastest pass. `web` is onnxruntime-web and `native` onnxruntime-node, both in float32; the others are',
    'our kernels with maps of float32 and, as they ship, of 16-bit integers. The last columns compare those: how many times',
    'faster than `web`, and how many times as long as `native`.',
    '',
  ];
  for (const [engine, { simd, measured, roof }] of answers) {
    const limits = Object.entries(roof.macs).map(([format, macs]) => `${format} ${(macs / giga).toFixed(0)}`);
    lines.push(
      `## ${engine}`,
      '',
      `SIMD: ${simd}. Limits in the first-level cache, GMAC/s: ${limits.join(', ')}; memory ${(roof.bytes / giga).toFixed(0)} GB/s.`,
      '',
      formatTable(
        ['network', 'batch', 'web', 'native', 'f32', 'i16', 'faster than web', 'of native'],
        measured.map(networkRow),
      ),
      '',
    );
  }
  const [engine, { layers }] = answers.find(([, { simd }]) => simd !== 'plain') ?? answers[0]!;
  lines.push(
    `## Layers on ${engine}`,
    '',
    'The bound is the larger of arithmetic at the limit above and bytes at the speed of memory; the share is',
    'bound over time. `products` are those of a 3×3 convolution in squares (see wasm/README.md), which take four ninths',
    'of the arithmetic that is told. Layers of over a hundredth of the time, and all of them together.',
    '',
  );
  for (const title of new Set(layers.map(titleOf)))
    lines.push(
      ...layerTable(
        title,
        layers.filter((layer) => titleOf(layer) === title),
      ),
      '',
    );
  return lines.join('\n');
}

const titleOf = ({ network, side }: { network: string; side: number }): string =>
  `${network}, ${side}×${side}`;

function networkRow({ milliseconds: { web, native, f32, i16 }, batch, ...rest }: MeasuredCase): string[] {
  const time = (milliseconds: number | undefined) => milliseconds?.toFixed(1) ?? '–';
  const ratio = (above: number | undefined, below: number | undefined) =>
    above && below ? `${(above / below).toFixed(2)}×` : '–';
  const times = [web, native, f32, i16].map(time);
  return [titleOf(rest), String(batch), ...times, ratio(web, i16), ratio(i16, native)];
}

function layerTable(title: string, layers: readonly MeasuredLayer[]): string[] {
  const row = (
    name: string,
    kind: string,
    { macs, bytes, milliseconds, bound }: Pick<MeasuredLayer, 'macs' | 'bytes' | 'milliseconds' | 'bound'>,
  ) => [
    name,
    kind,
    (macs / 1e6).toFixed(1),
    (bytes / 1e3).toFixed(0),
    milliseconds.toFixed(3),
    (macs / 1e6 / milliseconds).toFixed(0),
    `${((100 * bound) / milliseconds).toFixed(0)}%`,
  ];
  const total = (key: 'macs' | 'bytes' | 'milliseconds' | 'bound') =>
    layers.reduce((sum, layer) => sum + layer[key], 0);
  const shown = layers.filter(({ milliseconds }) => milliseconds > 0.01 * total('milliseconds'));
  const all = {
    macs: total('macs'),
    bytes: total('bytes'),
    milliseconds: total('milliseconds'),
    bound: total('bound'),
  };
  return [
    `### ${title}`,
    '',
    formatTable(
      ['map', 'kernel', 'MMAC', 'kB', 'ms', 'GMAC/s', 'share'],
      [...shown.map((layer) => row(layer.output, kindOf(layer.kernel), layer)), row('all', '', all)],
    ),
  ];
}

/** A kernel's operation; of a convolution also its window, its stride, and the channels that it reads and writes. */
function kindOf(kernel: string): string {
  const convolution = kernel.match(/^(conv|depthwise) (\d+),(\d+)\/(\d+),\d+ \S+×(\d+) -> \S+×(\d+)/);
  if (!convolution) return kernel.split(' ', 1)[0]!;
  const [, kind, height, width, stride, from, to] = convolution;
  return `${kind} ${height}×${width} / ${stride}, ${from} to ${to}`;
}
