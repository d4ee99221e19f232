import process from 'node:process';
import { startProcess } from '../../test/contract/start-process.ts';
import { everythingOnTheWire } from '../speed/everything.ts';

/** The real service in a process of its own, with this configuration. */
export const startServer = startProcess(process.execPath, 'dist/node/main.js');

/** One of the numbers that a service counts, by its name in `/metrics`. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(new URL('metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}

/** Bytes of memory that a service occupies. */
export const memoryOf = (url: string) => metric(url, 'process_resident_memory_bytes');

/** What a call of these benchmarks asks for. */
export const everything = { ...everythingOnTheWire, need_quality: true };
