import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { Command } from 'commander';
import sharp from 'sharp';
import { connectNats } from '../../runtimes/node-api/nats.ts';
import { NatsQueue } from '../../src/bulk/nats-queue.ts';
import { runProgram } from '../../src/cli/program.ts';
import { startNatsServer } from './nats-server.ts';
import { poison, poisonableHost } from './poisonable-host.ts';
import { startProxy } from './proxy.ts';

/**
 * Bulk under faults, on a real nats-server: workers, server and collector are killed with -9 and started
 * again, networks are cut, the output's disk is full for a while, some requests are bad and some
 * pictures kill the instances that look at them. In the end each request has one answer.
 *
 * `node faults-main.js worker …` is `phiz work` with threads that such pictures kill.
 */

if (process.argv[2] === 'worker') {
  await runProgram({ ...poisonableHost, args: ['work', ...process.argv.slice(3)] }, connectNats);
} else {
  const number = (text: string) => Number(text);
  await new Command('faults')
    .option('--requests <number>', 'in all', number, 2_000)
    .option('--workers <number>', 'of one instance each', number, 3)
    .option('--every <seconds>', 'between two faults', number, 3)
    .option('--limit <seconds>', 'after which it has failed', number, 1_800)
    .option('--json', 'write the counts as JSON')
    .action(run)
    .parseAsync();
}

interface Flags {
  readonly requests: number;
  readonly workers: number;
  readonly every: number;
  readonly limit: number;
  readonly json?: true;
}

/** A line of what was collected. */
interface Line {
  readonly id: string;
  readonly file: string;
  readonly faces?: readonly unknown[];
  readonly error?: { readonly code: string; readonly desc: string };
}

/** A request that another program puts in, and what its answer is to be. */
interface RawRequest {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  /** An error's code, or `faces`. */
  readonly expected: string;
}

async function run({ requests, workers, every, limit, json }: Flags): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-faults-'));
  const started = performance.now();
  const say = (text: string) => {
    const seconds = ((performance.now() - started) / 1_000).toFixed(0).padStart(4);
    if (!json) process.stderr.write(`${seconds} s  ${text}\n`);
  };
  const children = new Set<ChildProcess>();
  const nats = await startNatsServer();
  const proxies = await Promise.all(Array.from({ length: workers }, () => startProxy(nats.port)));
  const pictures = await servePictures();
  const disk = mountDisk(join(folder, 'disk'));
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const product = (...args: string[]) => launch([resolve('dist/node/main.js'), ...args]);
  const settings = ['--set', 'model_instances=1', '--set', 'fetch.allow_private_networks=true'];
  let over = false;
  let collector: ChildProcess | undefined;
  try {
    await ended(product('work', '--setup', '--bytes', '200000000', '--nats', nats.url));

    // Half of them as a person puts them in, who is cut off and goes on; half as other programs do.
    const submitted = Math.floor(requests / 2);
    const local = join(folder, 'pictures');
    await mkdir(local);
    const portrait = await smallPortrait();
    for (let index = 0; index < 5; index++) {
      await writeFile(join(folder, `${index}.jpg`), Buffer.concat([portrait, Buffer.from([index])]));
    }
    for (let index = 0; index < submitted; index++) {
      await symlink(`../${index % 5}.jpg`, join(local, `${String(index).padStart(5, '0')}.jpg`));
    }
    const raw = rawRequests(requests - submitted, portrait, pictures.url);

    const alive = proxies.map((proxy, index) => ({ proxy, child: startWorker(index, proxy.url) }));
    const submitting = submitAll(local, raw);
    const collecting = collectAll();
    await submitting;
    say(`${requests} requests are put in`);

    const misfit = await ended(
      product('work', '--nats', nats.url, ...settings, '--set', 'exif_orientation=false'),
    );
    if (misfit.code === 2) count('workers with other settings refused');

    const faults = [
      async () => {
        const victim = alive[Math.floor(Math.random() * alive.length)]!;
        await kill(victim.child);
        victim.child = startWorker(alive.indexOf(victim), victim.proxy.url);
        count('workers killed');
      },
      async () => {
        await nats.kill();
        await pause(1_000);
        await nats.restart();
        count('nats-server killed');
      },
      async () => {
        const { proxy } = alive[Math.floor(Math.random() * alive.length)]!;
        proxy.cut();
        await pause(2_000);
        proxy.mend();
        count('networks cut');
      },
      async () => {
        if (collector) await kill(collector);
        count('collectors killed');
      },
    ];
    for (let turn = 0; !(await isComplete()); turn++) {
      if (performance.now() - started > limit * 1_000) throw new Error(`not done within ${limit} s`);
      await pause(every * 1_000);
      await faults[turn % faults.length]!();
      say(`fault ${turn + 1}; ${await collectedCount()} of ${requests} collected`);
    }
    over = true;
    if (collector) await kill(collector);
    await collecting;
    const rest = await ended(product('collect', '--nats', nats.url, '--out', disk.file));

    const result = { ...(await tally(raw, local, submitted)), ...counts, 'collect ended with': rest.code };
    process.stdout.write(
      json
        ? `${JSON.stringify(result)}\n`
        : `${Object.entries(result)
            .map(([what, value]) => `${String(value).padStart(8)}  ${what}`)
            .join('\n')}\n`,
    );
    const exact = result['requests with one answer'] === requests && result['wrong answers'] === 0;
    process.exitCode = exact ? 0 : 1;
  } finally {
    over = true;
    await Promise.all([...children].map(kill));
    for (const proxy of proxies) proxy.close();
    pictures.close();
    await nats.stop();
    disk.unmount();
    await rm(folder, { recursive: true, force: true });
  }

  function launch(args: string[]): ChildProcess {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  }

  function startWorker(index: number, url: string): ChildProcess {
    const worker = launch([
      resolve(process.argv[1]!),
      'worker',
      '--nats',
      url,
      '--name',
      `w${index}`,
      ...settings,
    ]);
    // What it logs is not needed, and must not hold it up.
    worker.stderr!.resume();
    return worker;
  }

  async function submitAll(local: string, raw: readonly RawRequest[]): Promise<void> {
    const args = ['submit', local, '--nats', nats.url, '--need', 'age'];
    const first = product(...args);
    first.stderr!.resume();
    for (let waited = 0; waited < 10_000 && first.exitCode === null; waited += 20) {
      if ((await lineCount(join(folder, 'submitted.ndjson'))) > 0) break;
      await pause(20);
    }
    await kill(first);
    count('submits killed');
    const connection = await connectNats({ servers: nats.url, maxReconnectAttempts: -1 });
    await putAll(connection, raw);
    await connection.close();
    const { code, text } = await ended(product(...args));
    if (code !== 0) throw new Error(`submit ended with ${code}: ${text}`);
  }

  /** Collects as a service would that is started again when it ends. */
  async function collectAll(): Promise<void> {
    let room = false;
    while (!over) {
      collector = product('collect', '--nats', nats.url, '--follow', '--out', disk.file);
      const { text } = await ended(collector);
      if (text.includes('ENOSPC')) {
        count('outputs on a full disk');
        if (!room) disk.grow();
        room = true;
      }
      await pause(200);
    }
  }

  async function isComplete(): Promise<boolean> {
    return (await collectedCount()) >= requests;
  }

  function collectedCount(): Promise<number> {
    return lineCount(disk.file);
  }

  async function tally(raw: readonly RawRequest[], local: string, submitted: number) {
    const connection = await connectNats({ servers: nats.url });
    const status = await (await NatsQueue.on(connection, 'phiz')).status();
    const { state } = await (await jetstream(connection).jetstreamManager()).streams.info('phiz-answers');
    await connection.close();
    const lines = (await readFile(disk.file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line): Line => JSON.parse(line));
    // What was put in by a person is known by its file, else by its id.
    const answers = new Map<string, Line[]>();
    for (const line of lines) {
      const key = line.file.startsWith(local) ? line.file : line.id;
      answers.set(key, [...(answers.get(key) ?? []), line]);
    }
    const expected = new Map(raw.map((request) => [request.id, request.expected]));
    for (let index = 0; index < submitted; index++) {
      expected.set(join(local, `${String(index).padStart(5, '0')}.jpg`), 'faces');
    }
    let [once, missing, doubled, wrong] = [0, 0, 0, 0];
    for (const [key, wanted] of expected) {
      const [answer, ...more] = answers.get(key) ?? [];
      if (!answer) missing++;
      else if (more.length > 0) doubled++;
      else once++;
      const got = answer?.error?.code ?? (answer?.faces?.length === 1 ? 'faces' : 'no faces');
      if (answer && got !== wanted) {
        wrong++;
        say(`${key}: expected ${wanted}, got ${JSON.stringify(answer)}`);
      }
    }
    const codes = lines.flatMap(({ error }) => (error ? [error.code] : []));
    return {
      requests: expected.size,
      'requests with one answer': once,
      'requests without': missing,
      'requests with several': doubled,
      'lines of no request': [...answers.keys()].filter((key) => !expected.has(key)).length,
      'wrong answers': wrong,
      'in the queue by the count of the server': status.pending + status.inProgress,
      'kept as failures': status.failed,
      'answers that the server kept': state.last_seq,
      ...Object.fromEntries(
        [...new Set(codes)].map((code) => [`answers ${code}`, codes.filter((each) => each === code).length]),
      ),
    };
  }
}

/** Requests of all kinds; every hundredth is of each bad kind, and three pictures are poison. */
function rawRequests(count: number, portrait: Buffer, url: string): RawRequest[] {
  const dataUrl = (bytes: Buffer) => `data:image/jpeg;base64,${bytes.toString('base64')}`;
  const call = (image: string) => JSON.stringify({ requests: [{ image, need_age: true }] });
  const kinds: readonly Omit<RawRequest, 'id'>[] = [
    { subject: 'phiz.requests.v1.default', body: call(dataUrl(portrait)), expected: 'faces' },
    { subject: 'phiz.requests.v1.default', body: call(`${url}/portrait.jpg`), expected: 'faces' },
  ];
  const bad: readonly Omit<RawRequest, 'id'>[] = [
    { subject: 'phiz.requests.v1.default', body: '{"requests":', expected: 'BAD_REQUEST' },
    { subject: 'phiz.requests.v7.other.way', body: call(dataUrl(portrait)), expected: 'NOT_FOUND' },
    {
      subject: 'phiz.requests.v1.default',
      body: call('object:phiz-pictures/gone'),
      expected: 'IMAGE_FETCH_FAILED',
    },
    { subject: 'phiz.requests.v1.default', body: call(`${url}/expired.jpg`), expected: 'IMAGE_FETCH_FAILED' },
    {
      subject: 'phiz.requests.v1.default',
      body: call(dataUrl(Buffer.concat([portrait, poison]))),
      expected: 'INTERNAL',
    },
  ];
  return Array.from({ length: count }, (_, index) => {
    const isBad = index % 20 === 7 && (index % 100 !== 87 || index < 300);
    const kind = isBad ? bad[Math.floor((index % 100) / 20)]! : kinds[index % kinds.length]!;
    return { id: `raw-${index}`, ...kind };
  });
}

async function putAll(connection: NatsConnection, raw: readonly RawRequest[]): Promise<void> {
  const client = jetstream(connection);
  for (const { id, subject, body } of raw) {
    const given = headers();
    given.set('Nats-Msg-Id', id);
    for (let tries = 0; ; tries++) {
      const done = await client.publish(subject, body, { headers: given }).then(
        () => true,
        (error: unknown) => {
          if (tries > 30) throw error;
          return false;
        },
      );
      if (done) break;
      await pause(500);
    }
  }
}

/** One face, small: what is tested is the way there and back. */
function smallPortrait(): Promise<Buffer> {
  return sharp('node_modules/@vladmandic/face-api/demo/sample1.jpg')
    .extract({ left: 350, top: 250, width: 320, height: 400 })
    .resize(128)
    .jpeg()
    .toBuffer();
}

async function servePictures(): Promise<{ readonly url: string; close(): void }> {
  const portrait = await smallPortrait();
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/portrait.jpg' ? 200 : 410;
    response.end(portrait);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
}

/** A disk that is full soon, where this may mount one; else a folder. */
function mountDisk(path: string): { readonly file: string; grow(): void; unmount(): void } {
  execFileSync('mkdir', ['-p', path]);
  const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'ignore' });
  const file = join(path, 'faces.ndjson');
  try {
    mount('-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', path);
  } catch {
    process.stderr.write('skipped: a full disk (it takes the right to mount one)\n');
    return { file, grow() {}, unmount() {} };
  }
  return {
    file,
    grow: () => mount('-o', 'remount,size=64m', path),
    unmount: () => void execFileSync('umount', ['-l', path]),
  };
}

async function lineCount(file: string): Promise<number> {
  const bytes = await readFile(file).catch(() => new Uint8Array());
  return bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
}

async function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly text: string }> {
  let text = '';
  child.stderr!.on('data', (part) => {
    text += part;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
