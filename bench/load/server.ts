import process from 'node:process';
import type { RunningServer } from '../../test/contract/server.ts';
import { startProcess } from '../../test/contract/start-process.ts';
import type { HttpCall } from '../http.ts';
import { mainThreadTime, processorTime } from '../process-figures.ts';
import { everythingOnTheWire } from '../speed/everything.ts';
import { closedLoop, during } from './client.ts';

/** The real service in a process of its own, with this configuration. */
export const startServer = startProcess(process.execPath, 'dist/node/main.js');

/** The same, whose instances answer from memory what they have been asked before. */
export const startRemembering = startProcess(
  process.execPath,
  '--import',
  './bench/load/remembering.mjs',
  'dist/node/main.js',
);

/** One of the numbers that a service counts, by its name in `/metrics`. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(new URL('metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}

/** Bytes of memory that a service occupies. */
export const residentMemory = (url: string) => metric(url, 'process_resident_memory_bytes');

/**
 * Has so many clients call a service for a while.
 *
 * @returns also its processor time a call answered, and that of its main thread alone, in seconds
 */
export async function costOf({ url, pid }: RunningServer, call: HttpCall, clients: number, seconds: number) {
  const before = await processorTime(pid);
  const mainBefore = await mainThreadTime(pid);
  const outcomes = await closedLoop(url, call, clients, during(seconds));
  const spent = (await processorTime(pid)) - before;
  const spentByMain = (await mainThreadTime(pid)) - mainBefore;
  const calls = 1_000 * outcomes.latencies.length;
  return { outcomes, coreSeconds: spent / calls, mainSeconds: spentByMain / calls };
}

/** Flags of all that a call of these benchmarks asks for. */
export const everyNeed = { ...everythingOnTheWire, need_quality: true };
