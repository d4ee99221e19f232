import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { StartServer } from '../../test/contract/server.ts';
import { startProcess } from '../../test/contract/start-process.ts';

/**
 * The real service, which notes in a file how long its main thread is at work without a turn of its event loop.
 * @param main its entry, below the working folder
 */
export const startWatched = (note: string, main = 'dist/node/main.js'): StartServer =>
  startProcess(process.execPath, '--import', `./bench/load/main-thread.mjs?${note}`, main);

/** The longest run of that main thread, in milliseconds of processor time, from a time of `Date.now()` on. */
export async function longestRun(note: string, since = 0): Promise<number> {
  const lines = (await readFile(note, 'utf8').catch(() => '')).trim().split('\n');
  const runs = lines.map((line) => line.split(' ').map(Number));
  return Math.max(0, ...runs.filter(([when]) => when! >= since).map(([, run]) => run!));
}
