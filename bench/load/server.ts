import process from 'node:process';
import { startProcess } from '../../test/contract/start-process.ts';

/** The real service in a process of its own, with this configuration. */
export const startServer = startProcess(process.execPath, 'dist/node/main.js');

/** One of the numbers that a service counts, by its name in `/metrics`. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(new URL('metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
}

/** Bytes of memory that a service occupies. */
export const memoryOf = (url: string) => metric(url, 'process_resident_memory_bytes');

export const everything = {
  need_facen: true,
  need_gender: true,
  need_age: true,
  need_emotions: true,
  need_normalized: true,
  need_quality: true,
};
