import { catalogue } from '../../models/catalogue.ts';
import type { Platform, Thread } from '../../src/platform.ts';

/** More threads than this gain little on one picture, and each has networks of its own. */
const mostThreads = 4;

export interface BrowserPlatformOptions {
  /** The bytes of an asset by its name in assets.ts. */
  readonly readAsset: Platform['readAsset'];
  /** The built engine-worker.ts. */
  readonly worker: URL;
}

/** True where threads can share memory: the page was served with COOP and COEP. */
export const isolated = globalThis.crossOriginIsolated === true;

/** A page: fetched assets, Web Workers. */
export function browserPlatform({ readAsset, worker }: BrowserPlatformOptions): Platform {
  return {
    name: 'browser',
    cores: isolated ? Math.min(navigator.hardwareConcurrency, mostThreads) : 1,
    readAsset,
    catalogue,
    startThread: () => startThread(worker),
  };
}

function startThread(url: URL): Thread {
  const worker = new Worker(url, { type: 'module', name: 'phiz' });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) =>
      worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => listener(data)),
    onExit(listener) {
      worker.addEventListener('error', ({ message }) =>
        listener(new Error(message || `${url.pathname} could not be started`)),
      );
      worker.addEventListener('messageerror', () => listener(new Error('a message could not be read')));
    },
    stop: async () => worker.terminate(),
  };
}
