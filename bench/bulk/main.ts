import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Command } from 'commander';
import sharp from 'sharp';
import { createEngine, type Engine } from '../../runtimes/node/index.ts';
import { connectNats } from '../../runtimes/node-api/nats.ts';
import { NatsQueue } from '../../src/bulk/nats-queue.ts';
import { type NatsServer, startNatsServer } from '../../test/bulk/nats-server.ts';
import { formatTable } from '../accuracy/table.ts';
import { wholeAboveZero } from '../arguments.ts';
import { processorTime } from '../process-figures.ts';
import { median } from '../speed/statistics.ts';

/** Attributes asked for each picture, in the words of the command line and of the library. */
const needs = ['facen', 'age', 'gender', 'emotions'];
const attributes = ['embedding', 'age', 'gender', 'emotions'] as const;

/** Pictures for each core, at most, before the first turn: that code is compiled. */
const warmPictures = 12;

/** Milliseconds between two looks whether all is done: the server that is asked shares the cores that are measured. */
const lookInterval = 5_000;

const cores = availableParallelism();

await new Command('bulk')
  .description(
    'Measures bulk through a real nats-server: workers of one instance on each core against the library ' +
      'on the same pictures, and how fast pictures are put in and answers are collected.',
  )
  .option(
    '--turns <number>',
    'in which the library, then the workers do them, so that a busy machine is busy for both',
    wholeAboveZero,
    6,
  )
  .option('--pictures <number>', 'of each turn', wholeAboveZero, 60)
  .option('--messages <number>', 'to put in and to collect, for the rates', wholeAboveZero, 5_000)
  .action(run)
  .parseAsync();

async function run({
  turns,
  pictures,
  messages,
}: {
  readonly turns: number;
  readonly pictures: number;
  readonly messages: number;
}): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-bench-bulk-'));
  const nats = await startNatsServer();
  try {
    await phiz(nats, folder, 'work', '--setup', '--bytes', '500000000');
    const files = await makePictures(folder, pictures);
    process.stdout.write(`${pictures} pictures a turn, ${cores} cores, Node ${process.versions.node}\n\n`);
    process.stdout.write(await compare(nats, folder, files, turns));
    process.stdout.write(await queueRates(nats, folder, messages));
  } finally {
    await nats.stop();
    await rm(folder, { recursive: true });
  }
}

/** A table of the library's and of the workers' rates. They are on the machine together, and take turns. */
async function compare(
  nats: NatsServer,
  folder: string,
  files: readonly string[],
  turns: number,
): Promise<string> {
  const engine = await createEngine({ instances: cores });
  const workers = await startWorkers(nats, folder);
  const warm = files.slice(0, warmPictures * cores);
  try {
    await libraryRate(engine, warm);
    await workers.rate(warm);
    const rows: string[][] = [];
    const ratios: number[] = [];
    for (let turn = 1; turn <= turns; turn++) {
      const library = await libraryRate(engine, files);
      const queue = await workers.rate(files);
      ratios.push(queue.rate / library.rate);
      rows.push([
        String(turn),
        library.rate.toFixed(2),
        queue.rate.toFixed(2),
        (queue.rate / library.rate).toFixed(3),
        library.work.toFixed(0),
        queue.work.toFixed(0),
        (library.work / queue.work).toFixed(3),
      ]);
    }
    const columns = [
      'turn',
      'library, pictures/s',
      'workers, pictures/s',
      'ratio',
      'library, core ms',
      'workers, core ms',
      'ratio',
    ];
    return `${formatTable(columns, rows)}\n\nworkers / library, median: ${median(ratios).toFixed(3)}\n\n`;
  } finally {
    await workers.end();
    await engine.close();
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
function steadyRate(ends: readonly number[]): number {
  const sorted = ends.toSorted((a, b) => a - b);
  const counted = sorted.length - 2 * cores;
  if (counted < 1) throw new Error(`expected more than ${2 * cores} pictures, got ${sorted.length}`);
  return (1_000 * counted) / (sorted.at(-1 - cores)! - sorted[cores - 1]!);
}

/** The library with an instance on each core, which is never without work. */
async function libraryRate(engine: Engine, files: readonly string[]): Promise<Rate> {
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
  return { rate: steadyRate(ends), work: (user + system) / 1_000 / files.length };
}

/** Workers of one instance, as many as there are cores; they are stopped while they have nothing to do. */
interface Workers {
  rate(files: readonly string[]): Promise<Rate>;
  end(): Promise<void>;
}

async function startWorkers(nats: NatsServer, folder: string): Promise<Workers> {
  const workers = Array.from({ length: cores }, () =>
    start(nats, folder, 'work', '--set', 'model_instances=1'),
  );
  const connection = await connectNats({ servers: nats.url });
  const queue = await NatsQueue.on(connection, 'phiz');
  while ((await queue.status()).workers.length < cores) await pause(200);
  let batches = 0;
  signal('SIGSTOP');
  return {
    async rate(files) {
      const batch = `batch-${batches++}`;
      const list = join(folder, `${batch}.txt`);
      await writeFile(list, files.join('\n'));
      // All of them wait in the queue at once, as in an archive that is worked off.
      await phiz(nats, folder, 'submit', '--list', list, '--batch', batch, '--need', needs.join());
      const before = await used();
      signal('SIGCONT');
      await worked(queue);
      signal('SIGSTOP');
      const work = ((await used()) - before) / files.length;
      const ends = await answerTimes(connection, queue, batch);
      if (ends.length !== files.length) throw new Error(`${files.length} requests, ${ends.length} answers`);
      return { rate: steadyRate(ends), work };
    },
    async end() {
      await connection.close();
      const gone = workers.map((worker) => once(worker, 'exit'));
      signal('SIGTERM');
      signal('SIGCONT');
      await Promise.all(gone);
    },
  };

  function signal(name: NodeJS.Signals): void {
    for (const worker of workers) worker.kill(name);
  }

  /** Milliseconds of processor time. */
  async function used(): Promise<number> {
    const times = await Promise.all(workers.map(({ pid }) => processorTime(pid!)));
    return times.reduce((sum, time) => sum + time, 0);
  }
}

/** Resolves when nothing is left to do. */
async function worked(queue: NatsQueue): Promise<void> {
  for (;;) {
    const { pending, inProgress } = await queue.counts();
    if (pending + inProgress === 0) return;
    await pause(lookInterval);
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

async function phiz(nats: NatsServer, folder: string, ...args: string[]): Promise<void> {
  await once(start(nats, folder, ...args), 'exit');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
