import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Thread } from '../../src/platform.ts';

/** The largest heap of JavaScript in one thread, in MB; tensors and pixels are outside it. */
const heapLimit = 256;

/**
 * MB for objects that are new, of which V8 fills a third before it looks which of them live on. By itself it takes 48,
 * of which 34 stay: 17 more an instance, to look 68 times where it now does 80.
 */
const nursery = 24;

/**
 * MB of objects, and of pixels that they hold, from which on V8 looks for garbage among all of them. By itself it
 * does after 8 MB more than are in use, which is after every picture, in four threads of its own.
 */
const leastHeap = 48;

/** The flag of V8 that says so. */
export const heapFlag = `--initial-old-space-size=${leastHeap}`;

/**
 * The flag of V8 for a process in which all threads are ours: what is new and lives on is moved by its own thread. There
 * is so little of it that four others, which help by themselves, save no time and take some 2% of a picture's.
 */
export const processFlag = '--no-parallel-scavenge';

/** A worker thread of Node or Bun that runs the built program `entry`. */
export function startThread(entry: URL): Thread {
  // Heeded by heaps that are made from then on; Bun, which has another engine, knows no such flag.
  v8.setFlagsFromString(heapFlag);
  const worker = new Worker(fileURLToPath(entry), {
    // Not those of the process: --input-type, beside -e, is a flag that no program in a file can be started with.
    execArgv: [],
    // Node alone heeds them.
    resourceLimits: { maxOldGenerationSizeMb: heapLimit, maxYoungGenerationSizeMb: nursery },
  });
  let failure: Error | undefined;
  worker.on('error', (error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => void worker.on('message', listener),
    onExit: (listener) =>
      void worker.once('exit', (code) => listener(failure ?? new Error(`thread exited with code ${code}`))),
    stop: async () => void (await worker.terminate()),
  };
}
