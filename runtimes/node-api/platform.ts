import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Platform, Thread } from '../../src/platform.ts';

/** The built product, both from these sources (tests) and from the built files themselves. */
const dist = new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../', import.meta.url);

/**
 * A platform of files beside the program and of threads.
 *
 * @param name for people: the runtime and its version
 * @param worker the program of a thread, below dist/
 */
export function createPlatform(name: string, worker: string, startThread: (entry: URL) => Thread): Platform {
  return {
    name,
    cores: availableParallelism(),
    readAsset: (asset) => readFile(new URL(`assets/${asset}`, dist)),
    startThread: () => startThread(new URL(worker, dist)),
  };
}
