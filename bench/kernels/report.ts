import type { Machine } from '../speed/machine.ts';
import type { Answer, MeasuredLayer } from './protocol.ts';

/** All that a run measured. */
export interface Report {
  readonly machine: Machine;
  /** By engine. */
  readonly answers: readonly (readonly [engine: string, answer: Answer])[];
}

const giga = 1e9;

/** Markdown: networks by engine, then layers beside the roof. */
export function formatReport({ machine, answers }: Report): string {
  const lines = [
    '# Kernels',
    '',
    `${machine.processor}, ${machine.cores} cores, ${machine.system}, phiz ${machine.phiz}, ${machine.date}. One thread;`,
    'milliseconds of the fastest pass, and how many times faster than onnxruntime-web (`web`) in the same run.',
    '`native` is onnxruntime-node in float32; the others are our kernels with maps of float32 and 16-bit integers.',
    '',
  ];
  for (const [engine, { simd, measured, roof }] of answers) {
    const ways = Object.keys(
      measured[0]?.milliseconds ?? {},
    ) as (keyof (typeof measured)[0]['milliseconds'])[];
    const limits = Object.entries(roof.macs).map(([format, macs]) => `${format} ${(macs / giga).toFixed(0)}`);
    lines.push(
      `## ${engine}`,
      '',
      `SIMD: ${simd}. Limits in the first-level cache, GMAC/s: ${limits.join(', ')}; memory ${(roof.bytes / giga).toFixed(0)} GB/s.`,
      '',
      `| network | batch | ${ways.join(' | ')} |`,
      `| --- | --- |${ways.map(() => ' --- |').join('')}`,
      ...measured.map(({ network, batch, milliseconds }) => {
        const cells = ways.map((way) => {
          const time = milliseconds[way]!;
          return way === 'web'
            ? time.toFixed(1)
            : `${time.toFixed(1)} (${(milliseconds.web! / time).toFixed(1)}×)`;
        });
        return `| ${network} | ${batch} | ${cells.join(' | ')} |`;
      }),
      '',
    );
  }
  const [engine, fastest] = answers.find(([, { simd }]) => simd !== 'plain') ?? answers[0]!;
  lines.push(
    `## Layers on ${engine}`,
    '',
    'The bound is the larger of arithmetic at the limit above and bytes at the speed of memory; the share is',
    'bound over time.',
    '',
  );
  for (const network of new Set(fastest.layers.map((layer) => layer.network))) {
    const layers = fastest.layers.filter((layer) => layer.network === network);
    lines.push(...layerTable(network, layers), '');
  }
  return lines.join('\n');
}

function layerTable(network: string, layers: readonly MeasuredLayer[]): string[] {
  const row = (name: string, kind: string, each: Omit<MeasuredLayer, 'network' | 'output' | 'kernel'>) =>
    `| ${name} | ${kind} | ${(each.macs / 1e6).toFixed(1)} | ${(each.bytes / 1e3).toFixed(0)} | ${each.milliseconds.toFixed(3)} | ${(each.macs / 1e6 / each.milliseconds).toFixed(0)} | ${((100 * each.bound) / each.milliseconds).toFixed(0)}% |`;
  const total = (key: 'macs' | 'bytes' | 'milliseconds' | 'bound') =>
    layers.reduce((sum, layer) => sum + layer[key], 0);
  const shown = layers.filter(({ milliseconds }) => milliseconds > 0.01 * total('milliseconds'));
  return [
    `### ${network}`,
    '',
    'Layers of over a hundredth of the time, and all of them together.',
    '',
    '| map | kernel | MMAC | kB | ms | GMAC/s | share |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...shown.map((layer) => row(layer.output, layer.kernel.split(' ').slice(0, 3).join(' '), layer)),
    row('all', '', {
      macs: total('macs'),
      bytes: total('bytes'),
      milliseconds: total('milliseconds'),
      bound: total('bound'),
    }),
  ];
}
