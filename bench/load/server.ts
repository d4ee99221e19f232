import { readFile } from 'node:fs/promises';
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

/**
 * Seconds that the cores have worked for a process, which hardly depends on what else the machine
 * does. NaN where there is no /proc.
 */
export async function coreSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the name, which may have spaces: utime and stime are fields 14 and 15, in hundredths.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export const everything = {
  need_facen: true,
  need_gender: true,
  need_age: true,
  need_emotions: true,
  need_normalized: true,
  need_quality: true,
};
