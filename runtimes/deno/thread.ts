import type { Thread } from '../../src/platform.ts';

/**
 * A Web Worker that runs the built program `entry`. Deno has Node's worker threads too, but those of
 * 2.9 lose every message beyond some megabytes, such as one with a WASM binary.
 */
export function startThread(entry: URL): Thread {
  const worker = new Worker(entry, { type: 'module' });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
    onExit(listener) {
      worker.addEventListener('error', (event) => {
        // Unless it is told not to, Deno ends the whole process.
        event.preventDefault();
        listener(new Error(event.message));
      });
      worker.addEventListener('messageerror', () => listener(new Error('a message could not be read')));
    },
    stop: async () => worker.terminate(),
  };
}
