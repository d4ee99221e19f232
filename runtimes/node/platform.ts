import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Platform, Thread } from '../../src/platform.ts';

/** The built product, both from these sources (tests) and from the built files themselves. */
const dist = new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../', import.meta.url);

/** What one thread may take of JavaScript's heap, in MB; tensors and pixels are outside it. */
const heapLimit = 256;

/** Node ≥ 20: files beside the program, worker threads. */
export const nodePlatform: Platform = {
  name: `Node ${process.versions.node}`,
  cores: availableParallelism(),
  readAsset: (name) => readFile(new URL(`assets/${name}`, dist)),
  startThread: () => startThread(new URL('node/worker.js', dist)),
};

/** A worker thread that runs the built program `entry`. */
export function startThread(entry: URL): Thread {
  const worker = new Worker(fileURLToPath(entry), {
    resourceLimits: { maxOldGenerationSizeMb: heapLimit },
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
