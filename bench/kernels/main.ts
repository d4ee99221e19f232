import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { createProgress } from '../../src/cli/progress.ts';
import { wholeAboveZero } from '../arguments.ts';
import { describeMachine } from '../speed/machine.ts';
import type { Case, KernelAnswer } from './protocol.ts';
import { formatKernels, type KernelReport } from './report.ts';

const checkout = process.cwd();
const measure = fileURLToPath(new URL('measure.js', import.meta.url));

/** Networks at the sizes and in the batches that the pipeline makes of them. */
const allCases: readonly Case[] = [
  // Tiles of a scan, a closer look at a candidate, and what confirms it.
  ...[1024, 512, 96].map((side) => ({ network: 'blazeface-any-size', side, batch: 1 })),
  ...[512, 144, 112].map((side) => ({ network: 'ssd-mobilenetv1', side, batch: 1 })),
  ...Object.entries({
    'face-landmark-68': 112,
    'face-recognition': 150,
    mobilefacenet: 112,
    'age-gender': 112,
    'face-expression': 112,
    emotion: 64,
  }).flatMap(([network, side]) => [1, 8].map((batch) => ({ network, side, batch }))),
];

interface Flags {
  readonly only?: readonly string[];
  readonly batch?: number;
  readonly patience: number;
  readonly json?: string;
  readonly out?: string;
}

await new Command('bench:kernels')
  .description(
    'Measures every network on our kernels, onnxruntime-web and onnxruntime-node, one thread, on this ' +
      'Node and on a current Node, Bun and Deno; then every layer beside what the machine allows.',
  )
  .option('--only <networks>', 'these alone, separated by commas', (text) => text.split(','))
  .option('--batch <number>', 'this batch alone', wholeAboveZero)
  .option('--patience <ms>', 'time for each way of each case', wholeAboveZero, 700)
  .option('--json <file>', 'write all figures there')
  .option(
    '--out <file>',
    'where the tables are written (default: bench/kernels/RESULTS.md; of some networks alone: nowhere)',
  )
  .action(run)
  .parseAsync();

async function run({ only, batch, patience, json, out }: Flags): Promise<void> {
  const cases = allCases.filter(
    (each) => (only?.includes(each.network) ?? true) && (batch ?? each.batch) === each.batch,
  );
  if (cases.length === 0)
    throw new Error(`no such case; networks are ${[...new Set(allCases.map((c) => c.network))].join(', ')}`);
  const engines = findEngines();
  const progress = createProgress(process.stderr, engines.length, 'engines');
  const answers: [string, KernelAnswer][] = [];
  for (const { name, command, args } of engines) {
    const parameters = [...args, measure, checkout, String(patience), JSON.stringify(cases)];
    const { stdout } = await promisify(execFile)(command, parameters, { maxBuffer: 1 << 26 });
    answers.push([name, JSON.parse(stdout.slice(stdout.indexOf('{'))) as KernelAnswer]);
    progress.advance();
  }
  progress.clear();
  const report: KernelReport = { machine: await describeMachine(checkout), answers };
  const text = formatKernels(report);
  process.stdout.write(text);
  const target =
    out ?? (cases.length < allCases.length ? undefined : join(checkout, 'bench/kernels/RESULTS.md'));
  if (target !== undefined) await writeFile(target, text);
  if (json) await writeFile(json, `${JSON.stringify(report, null, 1)}\n`);
}

interface EngineCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

function findEngines(): EngineCommand[] {
  return [
    { name: `Node ${process.versions.node}`, command: process.execPath, args: [] },
    ...installed('current Node', '.', 'node-', 'bin/node'),
    ...installed('Bun', '@oven', 'bun-', 'bin/bun'),
    ...installed('Deno', '@deno', '', 'deno', 'run', '--allow-all'),
  ];
}

/**
 * A program out of the packages for this machine alone: those that choose among them do it in
 * install scripts, which are not run.
 */
function installed(
  name: string,
  scope: string,
  prefix: string,
  program: string,
  ...args: string[]
): EngineCommand[] {
  const folder = join(checkout, 'test/runtimes/node_modules', scope);
  const found = readdirSync(folder)
    .filter((each) => each.startsWith(prefix))
    .flatMap((each) => [program, `${program}.exe`].map((file) => join(folder, each, file)))
    .find((path) => existsSync(path));
  return found ? [{ name, command: found, args }] : [];
}
