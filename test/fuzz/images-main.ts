import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command } from 'commander';
import { createRandom } from '../../bench/accuracy/random.ts';
import { positive } from '../../bench/arguments.ts';
import type { Finding } from './fuzz.ts';
import { fuzzImages } from './images.ts';

/** A picture that takes longer hangs, in milliseconds. */
const patience = 60_000;

/** Bytes that the whole program may take: some 200 MB have been seen. */
const mostMemory = 512 * 2 ** 20;

interface Flags {
  readonly seconds: number;
  readonly seed: number;
}

/** What the thread that decodes tells the one that watches it. */
type Report = 'next' | { readonly finding: Finding | undefined };

if (isMainThread) {
  await new Command('fuzz:images')
    .description(
      'Decodes damaged pictures and fails on any crash, hang, wrong view or excess of memory. HEIC is ' +
        'decoded where NODE_PATH names a folder that has libheif-js: test/runtimes/node_modules.',
    )
    .option('--seconds <number>', 'how long', positive, 60)
    .option('--seed <number>', 'the same seed tries the same pictures', positive, 1)
    .action(watch)
    .parseAsync();
} else {
  const { seconds, seed } = workerData as Flags;
  const end = performance.now() + seconds * 1_000;
  const finding = await fuzzImages(createRandom(seed), () => {
    parentPort!.postMessage('next' satisfies Report);
    return performance.now() < end;
  });
  parentPort!.postMessage({ finding } satisfies Report);
}

/** Runs the decoding in a thread of its own, which can be stopped if it hangs. */
async function watch(flags: Flags): Promise<void> {
  const thread = new Worker(new URL(import.meta.url), { workerData: flags });
  let pictures = 0;
  let memory = 0;
  let alive = performance.now();
  const watchdog = setInterval(() => {
    memory = Math.max(memory, process.memoryUsage.rss());
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${pictures} pictures`);
    const hangs = performance.now() - alive > patience;
    if (!hangs && memory < mostMemory) return;
    const what = hangs ? `takes more than ${patience / 1_000} s` : `took ${Math.round(memory / 2 ** 20)} MB`;
    fail(`picture ${pictures} of seed ${flags.seed} ${what}`);
    clearInterval(watchdog);
    void thread.terminate();
  }, 250);
  const fail = (what: string) => {
    process.exitCode = 1;
    console.error(what);
  };
  let finding: Finding | undefined;
  thread.on('message', (report: Report) => {
    alive = performance.now();
    if (report === 'next') pictures++;
    else finding = report.finding;
  });
  thread.on('error', (error) => fail(`picture ${pictures} of seed ${flags.seed}: ${error.stack}`));
  await new Promise((resolve) => thread.once('exit', resolve));
  clearInterval(watchdog);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (finding) {
    const file = join(await mkdtemp(join(tmpdir(), 'phiz-fuzz-')), 'picture.bin');
    await writeFile(file, finding.body);
    fail(`picture ${pictures} of seed ${flags.seed}: ${finding.what}\nit is ${file}`);
  } else if (!process.exitCode) {
    const { user, system } = process.cpuUsage();
    const computed = Math.round((user + system) / 1e6);
    const most = Math.round(memory / 2 ** 20);
    console.log(
      `${pictures - 1} pictures in ${flags.seconds} s (${computed} s of processor time): ` +
        `no crash, no hang, no wrong view; ${most} MB at most`,
    );
  }
}
