import { setMaxListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import sharp from 'sharp';
import { positive } from '../arguments.ts';
import { type HttpCall, multipartCall, post } from '../http.ts';
import { type Attack, prepareAttacks } from './attacks.ts';
import { longestRun, startWatched } from './main-thread.ts';
import { everyNeed, metric, residentMemory, startServer } from './server.ts';

/** Seconds of one attack, and of the quiet before memory is read at the start and at the end. */
const attackSeconds = 6;
const quietSeconds = 20;

/** Milliseconds in which an honest call is to be answered, with its faces: the service's own `limits.timeout`. */
const inTime = 30_000;

/** Milliseconds of processor time that the main thread may work without a turn of its event loop. */
const longestTurn = 50;

/** As the unit and the image start the service: what glibc has freed goes back to the system. */
const allocator = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/** Bounds of a run that passes: the share of honest calls answered in time, and memory at the end to that at the start. */
const leastAnswered = 0.999;
const mostMemory = 1.2;

/** Linux has all of 127.0.0.0/8: the service sees two clients. */
const honestAddress = '127.0.0.1';
const hostileAddress = '127.0.0.66';

const bars = '▁▂▃▄▅▆▇█';

interface Flags {
  readonly minutes: number;
  readonly json?: string;
}

/** Figures of the service while it is under attack, and of the same program beside it that has nothing to do. */
interface Reading {
  /** Bytes. */
  readonly memory: number;
  /** Milliseconds; the worst of the last minute or two. */
  readonly loopDelay: number;
  readonly idleLoopDelay: number;
}

await new Command('soak')
  .description(
    'Mixes honest calls with every attack on a loop, one after another, against a service of its own, and tells what ' +
      'the honest ones noticed. Fails where fewer than 99.9% are answered in time, an instance is lost, the main thread ' +
      'works for more than 50 ms without a turn, or memory does not return to within 1.2 times what it was after the ' +
      'first round. Linux only.',
  )
  .option('--minutes <number>', 'how long', positive, 60)
  .option('--json <file>', 'write all figures there')
  .action(run)
  .parseAsync();

async function run({ minutes, json }: Flags): Promise<void> {
  const { attacks, close } = await prepareAttacks();
  Object.assign(process.env, allocator);
  const folder = await mkdtemp(join(tmpdir(), 'phiz-soak-'));
  const note = join(folder, 'main-thread');
  const idle = await startServer('model_instances: 1\nticker_interval: 0\nlog_level: error\n');
  const server = await startWatched(note)(
    'fetch: { allow_private_networks: true }\nticker_interval: 0\nlog_level: error\n',
  );
  const { url } = server;
  const over = new AbortController();
  const readings: Reading[] = [];
  try {
    // Warm: what is loaded and made room for once is no growth.
    const honest = sendHonestly(url, await honestCalls(), over.signal);
    const watching = Promise.all([
      watch(url, idle.url, readings, over.signal),
      keepAwake(idle.url, over.signal),
    ]);
    await round(url, attacks);
    await quiet();
    const start = await residentMemory(url);
    honest.forget();
    readings.length = 0;
    const began = Date.now();

    const end = performance.now() + minutes * 60_000;
    const longest = new Map<string, number>();
    const noteRun = async (name: string, since: number) =>
      longest.set(name, Math.max(longest.get(name) ?? 0, await longestRun(note, since)));
    while (performance.now() < end) await round(url, attacks, () => performance.now() < end, noteRun);
    const { latencies, failures } = honest.outcome();
    await quiet();
    over.abort();
    await watching;
    const sent = latencies.length + failures.length;
    latencies.sort((a, b) => a - b);
    const [worstAttack = ''] = [...longest].sort(([, a], [, b]) => b - a)[0] ?? [];
    const result = {
      minutes,
      honest: sent,
      answeredInTime: latencies.filter((latency) => latency <= inTime).length / sent,
      median: quantile(latencies, 0.5),
      high: quantile(latencies, 0.99),
      slowest: latencies.at(-1)!,
      failures: tally(failures),
      longestRun: await longestRun(note, began),
      worstAttack,
      longestRuns: Object.fromEntries(longest),
      worstLoopDelay: Math.max(...readings.map(({ loopDelay }) => loopDelay)),
      worstIdleLoopDelay: Math.max(...readings.map(({ idleLoopDelay }) => idleLoopDelay)),
      memory: {
        start,
        peak: Math.max(...readings.map(({ memory }) => memory)),
        end: await residentMemory(url),
      },
      instancesLost: await metric(url, 'phiz_instances_replaced_total'),
      reasons: (server.said?.() ?? '').split('\n').filter((line) => line.includes('instance lost')),
    };
    report(result, readings);
    if (json !== undefined) await writeFile(json, `${JSON.stringify({ ...result, readings }, null, 2)}\n`);
    const held =
      result.answeredInTime >= leastAnswered &&
      result.memory.end <= mostMemory * start &&
      result.longestRun <= longestTurn &&
      result.instancesLost === 0;
    if (!held) process.exitCode = 1;
  } finally {
    over.abort();
    close();
    await Promise.all([server.stop(), idle.stop()]);
    await rm(folder, { recursive: true });
  }
}

/**
 * Every attack once, each for its seconds.
 * @param done told of each, with the time of `Date.now()` at which it began
 */
async function round(
  url: string,
  attacks: readonly Attack[],
  goesOn = () => true,
  done: (name: string, began: number) => Promise<unknown> = async () => {},
): Promise<void> {
  for (const { name, run: attack } of attacks) {
    if (!goesOn()) return;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}`);
    const began = Date.now();
    const signal = AbortSignal.timeout(attackSeconds * 1_000);
    setMaxListeners(0, signal);
    await attack({ url, from: hostileAddress }, signal);
    await done(name, began);
  }
}

function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, quietSeconds * 1_000));
}

/** Two clients, each sending its next call when the last one is answered. */
function sendHonestly(url: string, calls: readonly HttpCall[], signal: AbortSignal) {
  let latencies: number[] = [];
  let failures: string[] = [];
  const agent = new Agent({ keepAlive: true, localAddress: honestAddress });
  const client = async () => {
    for (let i = 0; !signal.aborted; i++) {
      const sent = performance.now();
      const failed = await post(url, agent, calls[i % calls.length]!).then(
        ({ status, body }) => (status === 200 ? errorIn(body) : String(status)),
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      );
      if (failed === undefined) latencies.push(performance.now() - sent);
      else failures.push(failed);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  void Promise.all([client(), client()]).then(() => agent.destroy());
  return {
    outcome: () => ({ latencies: [...latencies], failures: [...failures] }),
    forget() {
      latencies = [];
      failures = [];
    },
  };
}

/** The code of an error in the one response of an answer. */
function errorIn(body: Buffer): string | undefined {
  return JSON.parse(body.toString()).responses[0].error?.code;
}

async function watch(url: string, idle: string, readings: Reading[], signal: AbortSignal): Promise<void> {
  const loopDelayOf = async (service: string) =>
    1_000 * (await metric(service, 'phiz_event_loop_delay_max_seconds'));
  const read = async () => ({
    memory: await residentMemory(url),
    loopDelay: await loopDelayOf(url),
    idleLoopDelay: await loopDelayOf(idle),
  });
  while (!signal.aborted) {
    // One that fails says nothing of the honest calls: on a busy machine a kept connection may close just then.
    const reading = await read().catch(() => undefined);
    if (reading) readings.push(reading);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

/** A service looks at its event loop where there are calls. */
async function keepAwake(idle: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await fetch(new URL('health', idle)).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Small calls of several formats. */
async function honestCalls(): Promise<HttpCall[]> {
  const face = await sharp('node_modules/@vladmandic/face-api/demo/sample6.jpg')
    .extract({ left: 600, top: 200, width: 420, height: 520 })
    .toBuffer();
  const picture = (width: number) => sharp(face).resize(width);
  return Promise.all([
    multipartCall(await picture(200).jpeg().toBuffer(), everyNeed),
    multipartCall(await picture(160).png().toBuffer(), { ...everyNeed, detector: 'prenormalized' }),
    multipartCall(await picture(160).webp().toBuffer(), { need_normalized: true, detector: 'prenormalized' }),
  ]);
}

interface Result {
  readonly minutes: number;
  readonly honest: number;
  readonly answeredInTime: number;
  readonly median: number;
  /** Milliseconds that 99 of 100 calls took at most. */
  readonly high: number;
  readonly slowest: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds of processor time, and the attack during which that was. */
  readonly longestRun: number;
  readonly worstAttack: string;
  readonly worstLoopDelay: number;
  readonly worstIdleLoopDelay: number;
  readonly memory: { readonly start: number; readonly peak: number; readonly end: number };
  readonly instancesLost: number;
  /** Lines of the log about them. */
  readonly reasons: readonly string[];
}

function report(result: Result, readings: readonly Reading[]): void {
  const { start, peak, end } = result.memory;
  const failures = Object.entries(result.failures).map(([what, count]) => `${count} × ${what}`);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(`${result.minutes} minutes of every attack on a loop
honest calls: ${result.honest}, answered within ${inTime / 1_000} s: ${(100 * result.answeredInTime).toFixed(2)}%${failures.length > 0 ? ` (${failures.join(', ')})` : ''}
  median ${result.median.toFixed(0)} ms, 99 of 100 within ${result.high.toFixed(0)} ms, slowest ${result.slowest.toFixed(0)} ms
the main thread worked for at most ${result.longestRun.toFixed(0)} ms without a turn of its event loop (${result.worstAttack})
event loop delayed by at most ${result.worstLoopDelay.toFixed(0)} ms, that of an idle phiz beside it by ${result.worstIdleLoopDelay.toFixed(0)} ms
memory at the start ${megabytes(start)} MB, at most ${megabytes(peak)} MB, at the end ${megabytes(end)} MB (${(end / start).toFixed(2)} times)
  ${curve(readings.map(({ memory }) => memory))}
instances lost: ${result.instancesLost}${result.reasons.map((line) => `\n  ${line}`).join('')}`);
}

/** So many readings as fit a line, each the highest of its part. */
function curve(values: readonly number[]): string {
  const width = Math.min(60, values.length);
  const parts = Array.from({ length: width }, (_, i) =>
    Math.max(
      ...values.slice(Math.floor((i * values.length) / width), Math.floor(((i + 1) * values.length) / width)),
    ),
  );
  const [least, most] = [Math.min(...parts), Math.max(...parts)];
  return parts
    .map((value) => bars[Math.round(((value - least) / (most - least || 1)) * (bars.length - 1))])
    .join('');
}

function quantile(rising: readonly number[], share: number): number {
  return rising[Math.floor(share * rising.length)]!;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
