import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { catalogue } from '../../models/catalogue.ts';
import type { Platform, Thread } from '../../src/platform.ts';
import { decodeHeic } from './heic.ts';

/** The built product, both from these sources (tests) and from the built files themselves. */
const dist = new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../', import.meta.url);

/**
 * A platform of files beside the program and of threads.
 *
 * @param name for people: the runtime and its version
 * @param worker the program of a thread, below the base
 * @param base where dist/ is
 */
export function createPlatform(
  name: string,
  worker: string,
  startThread: (entry: URL) => Thread,
  base = dist,
): Platform {
  return {
    name,
    cores: os.availableParallelism(),
    readAsset: (asset) => readFile(new URL(`assets/${asset}`, base)),
    catalogue,
    decodeHeic,
    startThread: () => startThread(new URL(worker, base)),
  };
}
