import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { heapFlag, processFlag } from '../../runtimes/node-api/thread.ts';
import { createProgress } from '../../src/cli/progress.ts';
import { terminal } from '../terminal.ts';
import { compareCheckouts } from './against.ts';
import { type Contender, contestants, measureLatency, measureThroughput } from './contest.ts';
import { canPin } from './contestant-process.ts';
import { measureIdleCores } from './idle-cores.ts';
import { describeMachine } from './machine.ts';
import { type BenchPicture, makeFrames, makePictures } from './pictures.ts';
import type { Profile, ProfileOptions } from './profile/main.ts';
import { formatSpeed, type SpeedReport, summarise } from './report.ts';
import { makeSmallFaces, measureSmallFaces } from './small-faces.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How much is measured. */
interface Extent {
  /** Times that all pictures are answered, for latency and the profile. */
  readonly rounds: number;
  /** The same for throughput. */
  readonly sweeps: number;
  /** Pairs of answers to each picture, by one core and by all. */
  readonly pairs: number;
  /** Answers of each side before the first pair. */
  readonly answersBefore: number;
  /** Rounds before the profile. */
  readonly warmRounds: number;
  /** Calls that a service has answered before it is profiled. */
  readonly callsBefore: number;
}
const all: Extent = {
  rounds: 3,
  sweeps: 2,
  pairs: 30,
  answersBefore: 100,
  warmRounds: 12,
  callsBefore: 2_000,
};
const little: Extent = {
  rounds: 1,
  sweeps: 1,
  pairs: 1,
  answersBefore: 1,
  warmRounds: 1,
  callsBefore: 20,
};

interface Flags {
  readonly quick?: boolean;
  readonly against?: string;
  readonly on?: string;
  readonly node?: string;
  readonly out?: string;
}

const program = new Command('bench')
  .description(
    'Measures phiz beside its peers and beside native code, each in processes of its own on the same ' +
      'pictures: pictures a second, milliseconds a picture, memory, faces found; and where the time ' +
      'goes. Takes a quarter of an hour; let the machine do nothing else meanwhile.',
  )
  .option('--quick', 'a smoke test: four pictures, once; the figures mean little')
  .option(
    '--against <base>',
    'compare this checkout with another one instead: a folder, or a revision of this repository',
  )
  .option('--on <program>', 'with --against: compare them on this Bun or Deno')
  .option('--node <program>', 'measure on this Node, with every process that is measured')
  .option(
    '--out <folder>',
    'where RESULTS.md and RESULTS.json are written (default: bench; --quick: nowhere)',
  )
  .action(run);
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run({ node, ...flags }: Flags): Promise<void> {
  if (node === undefined) return bench(flags);
  const args = process.argv
    .slice(1)
    .filter((arg, index, all) => !arg.startsWith('--node') && all[index - 1] !== '--node');
  const child = spawn(node, args, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}

async function bench({ quick = false, against, on, out }: Omit<Flags, 'node'>): Promise<void> {
  if (on !== undefined && against === undefined) throw new Error('--on needs --against');
  const target = out ?? (quick ? undefined : join(root, 'bench'));
  // Before anything is measured, since it may not be possible.
  if (target !== undefined) await mkdir(target, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'phiz-bench-'));
  try {
    const pictures = await makePictures(folder, quick);
    if (against !== undefined) {
      process.stdout.write(`${await compareCheckouts(root, against, pictures, progress, on)}\n`);
      return;
    }
    const smallFaces = await makeSmallFaces(join(folder, 'small'), quick);
    const frames = await makeFrames(join(folder, 'frames'), pictures);
    const report = await measure({ pictures, frames, smallFaces }, quick ? little : all);
    const text = `${formatSpeed(report)}\n`;
    process.stdout.write(text);
    if (target === undefined) return;
    await writeFile(join(resolve(target), 'RESULTS.md'), text);
    await writeFile(join(resolve(target), 'RESULTS.json'), `${JSON.stringify(report, null, 1)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(
  {
    pictures,
    frames,
    smallFaces,
  }: {
    readonly pictures: readonly BenchPicture[];
    readonly frames: readonly BenchPicture[];
    readonly smallFaces: readonly (readonly BenchPicture[])[];
  },
  { rounds, sweeps, pairs, answersBefore, warmRounds, callsBefore }: Extent,
): Promise<SpeedReport> {
  const cores = availableParallelism();
  const contest = { checkout: root, cores, pictures };
  const alone: readonly Contender[] = contestants.filter(({ id }) => id !== 'phiz-http');

  const latencySteps = progress(rounds * pictures.length * alone.length, 'answers, one at a time');
  const latency = await measureLatency(alone, { ...contest, rounds, onAnswer: latencySteps.advance });
  latencySteps.clear();

  const frameSteps = progress(pairs * frames.length, 'answers by one core and by all');
  const [phiz] = contestants;
  const idleCores = await measureIdleCores(phiz!, {
    ...contest,
    pictures: frames,
    pairs,
    answersBefore,
    onAnswer: frameSteps.advance,
  });
  frameSteps.clear();

  const throughput: SpeedReport['throughput'][number][] = [];
  for (const contender of contestants) {
    const steps = progress(sweeps * pictures.length, `answers of ${contender.title}`);
    const row = await measureThroughput(contender, { ...contest, rounds: sweeps, onAnswer: steps.advance });
    steps.clear();
    process.stderr.write(`${summarise(row)}\n`);
    throughput.push(row);
  }

  const small: SpeedReport['smallFaces'][number][] = [];
  for (const contender of alone) {
    const steps = progress(smallFaces.flat().length, `small faces shown to ${contender.title}`);
    small.push(await measureSmallFaces(contender, { ...contest, onAnswer: steps.advance }, smallFaces));
    steps.clear();
  }

  const profileSteps = progress(rounds * pictures.length, 'pictures profiled');
  const profile = await runProfile(
    { checkout: root, paths: pictures.map(({ path }) => path), rounds, warmRounds, callsBefore },
    profileSteps.advance,
  );
  profileSteps.clear();
  return {
    machine: await describeMachine(root),
    rounds,
    pinned: canPin,
    pictures: pictures.map(({ path: _, ...picture }) => picture),
    throughput,
    latency,
    idleCores,
    smallFaces: small,
    profile,
  };
}

/** Profiles in a process of its own, kept to one core where that is possible. */
function runProfile(options: ProfileOptions, onProgress: () => void): Promise<Profile> {
  const program = fileURLToPath(new URL('profile.js', import.meta.url));
  // As threads of the service have it.
  const command = [process.execPath, heapFlag, processFlag, program, JSON.stringify(options)];
  const [file, ...args] = canPin ? ['taskset', '-c', '0', ...command] : command;
  const child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.on('message', (message: 'progress' | Profile) => {
      if (message === 'progress') onProgress();
      else resolve(message);
    });
    child.once('exit', (code) => reject(new Error(`the profile ended with code ${code}`)));
  });
}

function progress(total: number, label: string) {
  return createProgress(terminal, total, label);
}
