import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Command } from 'commander';
import sharp from 'sharp';
import { createEngine } from '../../runtimes/node/index.ts';
import { connectNats } from '../../runtimes/node-api/nats.ts';
import { NatsQueue } from '../../src/bulk/nats-queue.ts';
import { type NatsServer, startNatsServer } from '../../test/bulk/nats-server.ts';
import { formatTable } from '../accuracy/table.ts';
import { wholeAboveZero } from '../arguments.ts';
import { processorTime } from '../process-figures.ts';

/** Attributes asked for each picture, in the words of the command line and of the library. */
const needs = ['facen', 'age', 'gender', 'emotions'];
const attributes = ['embedding', 'age', 'gender', 'emotions'] as const;

/** Turns: the library and the workers one after the other, so that a busy machine is busy for both. */
const turns = 3;

/** Pictures for each core before a turn is measured, that code is compiled. */
const warmPictures = 4;

await new Command('bulk')
  .description(
    'Measures bulk through a real nats-server: workers of one instance on each core against the library ' +
      'on the same pictures, and how fast pictures are put in and answers are collected.',
  )
  .option('--pictures <number>', 'of each turn', wholeAboveZero, 100)
  .option('--messages <number>', 'to put in and to collect, for the rates', wholeAboveZero, 5_000)
  .action(run)
  .parseAsync();

async function run({
  pictures,
  messages,
}: {
  readonly pictures: number;
  readonly messages: number;
}): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-bench-bulk-'));
  const nats = await startNatsServer();
  const cores = availableParallelism();
  try {
    await phiz(nats, folder, 'work', '--setup', '--bytes', '500000000');
    const files = await makePictures(folder, pictures);
    const rows: string[][] = [];
    const ratios: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const library = await libraryRate(files, cores);
      const workers = await workersRate(nats, folder, turn, files, cores);
      ratios.push(workers.rate / library.rate);
      rows.push([
        String(turn + 1),
        library.rate.toFixed(2),
        workers.rate.toFixed(2),
        (workers.rate / library.rate).toFixed(3),
        library.work.toFixed(0),
        workers.work.toFixed(0),
        (library.work / workers.work).toFixed(3),
      ]);
    }
    process.stdout.write(`${pictures} pictures a turn, ${cores} cores, Node ${process.versions.node}\n\n`);
    process.stdout.write(
      `${formatTable(
        [
          'turn',
          'library, pictures/s',
          'workers, pictures/s',
          'ratio',
          'library, core ms',
          'workers, core ms',
          'ratio',
        ],
        rows,
      )}\n\n`,
    );
    ratios.sort((a, b) => a - b);
    process.stdout.write(
      `workers / library, median: ${ratios[Math.floor(ratios.length / 2)]!.toFixed(3)}\n\n`,
    );
    process.stdout.write(await queueRates(nats, folder, messages));
  } finally {
    await nats.stop();
    await rm(folder, { recursive: true });
  }
}

/** Pictures of their own content each, as an archive has them. */
async function makePictures(folder: string, count: number): Promise<string[]> {
  await mkdir(join(folder, 'pictures'));
  const names = ['sample1.jpg', 'sample4.jpg', 'sample6.jpg'];
  const bytes = await Promise.all(
    names.map((name) =>
      sharp(`node_modules/@vladmandic/face-api/demo/${name}`).resize(1_280).jpeg().toBuffer(),
    ),
  );
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const file = join(folder, 'pictures', `${String(index).padStart(6, '0')}.jpg`);
      await writeFile(file, Buffer.concat([bytes[index % bytes.length]!, Buffer.from(String(index))]));
      return file;
    }),
  );
}

/** Pictures a second, and milliseconds of cores for each. */
interface Rate {
  readonly rate: number;
  readonly work: number;
}

/**
 * Pictures a second while every core has one: an archive has neither beginning nor end to speak of.
 *
 * @param ends milliseconds at which pictures were done, of any start
 */
function steadyRate(ends: readonly number[], cores: number): number {
  const sorted = ends.toSorted((a, b) => a - b);
  const counted = sorted.length - 2 * cores;
  if (counted < 1) throw new Error(`expected more than ${2 * cores} pictures, got ${sorted.length}`);
  return (1_000 * counted) / (sorted.at(-1 - cores)! - sorted[cores - 1]!);
}

/** The library with an instance on each core, which is never without work. */
async function libraryRate(files: readonly string[], cores: number): Promise<Rate> {
  const engine = await createEngine();
  const warm = await readFile(files[0]!);
  await Promise.all(
    Array.from({ length: warmPictures * cores }, () => engine.extract(new Uint8Array(warm), { attributes })),
  );
  const before = process.cpuUsage();
  const ends: number[] = [];
  let next = 0;
  const loop = async () => {
    while (next < files.length) {
      await engine.extract(await readFile(files[next++]!), { attributes });
      ends.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: 2 * cores }, loop));
  const { user, system } = process.cpuUsage(before);
  await engine.close();
  return { rate: steadyRate(ends, cores), work: (user + system) / 1_000 / files.length };
}

/** As many workers of one instance as there are cores. */
async function workersRate(
  nats: NatsServer,
  folder: string,
  turn: number,
  files: readonly string[],
  cores: number,
): Promise<Rate> {
  const workers = Array.from({ length: cores }, () =>
    start(nats, folder, 'work', '--set', 'model_instances=1'),
  );
  const connection = await connectNats({ servers: nats.url });
  const queue = await NatsQueue.on(connection, 'phiz');
  try {
    const pids = workers.map(({ pid }) => pid!);
    const used = async () =>
      (await Promise.all(pids.map(processorTime))).reduce((sum, time) => sum + time, 0);
    while ((await queue.status()).workers.length < cores) await pause(200);
    const warm = join(folder, `warm-${turn}`);
    await mkdir(warm);
    for (let index = 0; index < warmPictures * cores; index++)
      await symlink(files[0]!, join(warm, `${index}.jpg`));
    await submit(nats, folder, warm, `warm-${turn}`);
    await worked(queue);
    // All of them wait in the queue at once, as in an archive that is worked off.
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await submit(nats, folder, join(folder, 'pictures'), `turn-${turn}`);
    const before = await used();
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await worked(queue);
    const work = ((await used()) - before) / files.length;
    const ends = await answerTimes(connection, queue, `turn-${turn}`);
    if (ends.length !== files.length) throw new Error(`${files.length} requests, ${ends.length} answers`);
    return { rate: steadyRate(ends, cores), work };
  } finally {
    await connection.close();
    for (const worker of workers) {
      const gone = once(worker, 'exit');
      worker.kill('SIGTERM');
      await gone;
    }
  }
}

/** Resolves when nothing is left to do. Looks seldom: the server shares the cores that are measured. */
async function worked(queue: NatsQueue): Promise<void> {
  for (;;) {
    const { pending, inProgress } = await queue.counts();
    if (pending + inProgress === 0) return;
    await pause(1_000);
  }
}

/** Milliseconds at which the server took the answers of a batch. */
async function answerTimes(
  connection: NatsConnection,
  { names }: NatsQueue,
  batch: string,
): Promise<number[]> {
  const { streams } = await jetstreamManager(connection);
  const { state } = await streams.info(names.streams.answers);
  const times: number[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await streams.getMessage(names.streams.answers, { seq });
    if (message?.subject.endsWith(`.${batch}`)) times.push(message.time.getTime());
  }
  return times;
}

/** A table of the queue's own rates: requests with URLs, requests with stored pictures, answers. */
async function queueRates(nats: NatsServer, folder: string, messages: number): Promise<string> {
  const urls = join(folder, 'urls.txt');
  await writeFile(
    urls,
    Array.from({ length: messages }, (_, index) => `http://127.0.0.1:1/${index}.jpg\n`).join(''),
  );
  const rate = async (count: number, ...args: string[]) => {
    const start = performance.now();
    await phiz(nats, folder, ...args);
    return (1_000 * count) / (performance.now() - start);
  };
  const put = await rate(messages, 'submit', '--list', urls, '--batch', 'urls');
  const stored = join(folder, 'stored');
  const size = 150_000;
  const count = Math.ceil(messages / 10);
  await mkdir(stored);
  for (let index = 0; index < count; index++)
    await writeFile(join(stored, `${index}.jpg`), randomBytes(size));
  const kept = await rate(count, 'submit', stored, '--batch', 'stored');
  const worker = start(nats, folder, 'work', '--set', 'model_instances=1');
  const connection = await connectNats({ servers: nats.url });
  const queue = await NatsQueue.on(connection, 'phiz');
  while ((await queue.counts()).pending > 0) await pause(100);
  await connection.close();
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  const collected = await rate(messages, 'collect', '--batch', 'urls', '--out', join(folder, 'urls.ndjson'));
  const rows = [
    ['requests with a URL put in', put],
    [`requests with a stored picture of ${size / 1_000} kB put in`, kept],
    ['answers collected', collected],
  ] as const;
  return `${formatTable(
    ['what', 'a second'],
    rows.map(([what, figure]) => [what, figure.toFixed(0)]),
  )}\n`;
}

function start(nats: NatsServer, folder: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [resolve('dist/node/main.js'), ...args, '--nats', nats.url], {
    cwd: folder,
    stdio: 'ignore',
  });
}

/** Puts a folder in. */
function submit(nats: NatsServer, folder: string, pictures: string, batch: string): Promise<void> {
  return phiz(nats, folder, 'submit', pictures, '--batch', batch, '--need', needs.join());
}

async function phiz(nats: NatsServer, folder: string, ...args: string[]): Promise<void> {
  await once(start(nats, folder, ...args), 'exit');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
