import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { Command } from 'commander';
import { decimals, formatTable } from '../accuracy/table.ts';
import { positive } from '../arguments.ts';
import { type HttpCall, multipartCall } from '../http.ts';
import { closedLoop, during, type Outcomes, openLoop, quantile, throughput } from './client.ts';
import { measureRequestCosts } from './request-costs.ts';
import { costOf, everyNeed, residentMemory, startServer } from './server.ts';

/** Times the rate that the service can carry. */
const flood = 10;

/** Seconds a request may take while flooded, and calls that may wait. */
const timeLimit = 10;
const queue = 16;

interface Flags {
  readonly seconds: number;
  readonly json?: string;
}

await new Command('load')
  .description(
    'Measures the service under load over a socket: what kinds of requests cost, throughput and latency ' +
      'by number of instances, memory, and a flood of ten times what it can carry.',
  )
  .argument('[picture]', 'what every call sends', 'node_modules/@vladmandic/face-api/demo/sample6.jpg')
  .option('--seconds <number>', 'of each measurement', positive, 15)
  .option('--json <file>', 'write all figures there, unrounded')
  .action(run)
  .parseAsync();

async function run(picture: string, { seconds, json }: Flags): Promise<void> {
  const bytes = await readFile(picture);
  const call = multipartCall(bytes, everyNeed);
  const cores = availableParallelism();
  const report = {
    picture,
    cores,
    node: process.versions.node,
    requests: await measureRequestCosts(bytes, seconds / 3),
    instances: [] as Awaited<ReturnType<typeof measure>>[],
    flood: await measureFlood(call, seconds),
  };
  for (const instances of new Set([1, cores])) report.instances.push(await measure(call, instances, seconds));

  console.log(
    formatTable(
      [
        'request',
        'core ms',
        'requests/s a core',
        'of a busy main thread, ms',
        'which is the limit at, cores',
      ],
      report.requests.map(({ name, coreSeconds, instanceSeconds, mainSeconds }) => [
        name,
        decimals(1_000 * coreSeconds, 0),
        decimals(1 / coreSeconds, 1),
        decimals(1_000 * mainSeconds, 2),
        decimals(1 + instanceSeconds / mainSeconds, 0),
      ]),
    ),
    '\n',
  );
  const [one, all] = [report.instances[0]!, report.instances.at(-1)!];
  console.log(
    formatTable(
      [
        'instances',
        'requests/s',
        'to one',
        'core ms a request',
        'idle ms',
        'memory loaded, MB',
        'after load, MB',
      ],
      report.instances.map(({ instances, peak, coreSeconds, idle, memoryLoaded, memoryAfter }) => [
        `${instances}`,
        decimals(peak, 2),
        decimals(peak / one.peak, 2),
        decimals(1_000 * coreSeconds, 0),
        decimals(idle, 0),
        decimals(memoryLoaded / 1e6, 0),
        decimals(memoryAfter / 1e6, 0),
      ]),
    ),
  );
  const more = all.instances - one.instances;
  if (more > 0) {
    console.log(
      `\nmemory of one more instance: ${decimals((all.memoryAfter - one.memoryAfter) / more / 1e6, 0)} MB`,
    );
  }
  const { rate, peak, outcomes } = report.flood;
  console.log(
    `\nflooded with ${decimals(rate, 0)} requests/s, ${flood} times what it carries: ` +
      `${decimals(throughput(outcomes), 2)} answered a second, ${decimals(throughput(outcomes) / peak, 2)} of the peak; ` +
      `slowest answer ${decimals(quantile(outcomes, 1) / 1_000, 1)} s of ${timeLimit} allowed; ` +
      `${outcomes.refused} refused, ${outcomes.refusedWithRetryAfter} told when to come back; ${outcomes.failed} failed`,
  );
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
}

/** Throughput, latency on an idle machine, and memory of a service of so many instances. */
async function measure(call: HttpCall, instances: number, seconds: number) {
  const server = await startServer(`model_instances: ${instances}\n`);
  try {
    const memoryLoaded = await residentMemory(server.url);
    // Two clients an instance: one is served while the other sends.
    await closedLoop(server.url, call, 2 * instances, during(seconds / 3));
    const { outcomes: busy, coreSeconds } = await costOf(server, call, 2 * instances, seconds);
    const idle = await closedLoop(server.url, call, 1, during(seconds / 2));
    const memoryAfter = await residentMemory(server.url);
    return {
      instances,
      memoryLoaded,
      memoryAfter,
      peak: throughput(busy),
      coreSeconds,
      idle: quantile(idle, 0.5),
    };
  } finally {
    await server.stop();
  }
}

/** Outcomes of far more calls than can be answered; `rate` and `peak` in calls a second. */
async function measureFlood(
  call: HttpCall,
  seconds: number,
): Promise<{ rate: number; peak: number; outcomes: Outcomes }> {
  const server = await startServer(`limits: { queue: ${queue}, timeout: ${timeLimit}s }\n`);
  try {
    const clients = 2 * availableParallelism();
    await closedLoop(server.url, call, clients, during(seconds / 3));
    const peak = throughput(await closedLoop(server.url, call, clients, during(seconds)));
    const rate = flood * peak;
    return { rate, peak, outcomes: await openLoop(server.url, call, rate, seconds) };
  } finally {
    await server.stop();
  }
}
