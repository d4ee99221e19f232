import type { Platform, Thread } from '../../src/platform.ts';

/** More threads than this gain little on one picture, and each has networks of its own. */
const mostThreads = 4;

export interface BrowserPlatformOptions {
  /** The bytes of an asset by its name in assets.ts. */
  readonly readAsset: Platform['readAsset'];
  /** The built engine-worker.ts. */
  readonly worker: URL;
  /** Told what runs the networks, by every thread that has loaded them. */
  readonly onBackend?: (description: string) => void;
}

/** Whether memory can be shared between threads: the page was served with COOP and COEP. */
export const isolated = globalThis.crossOriginIsolated === true;

/** A page: fetched assets, Web Workers. */
export function browserPlatform({ readAsset, worker, onBackend }: BrowserPlatformOptions): Platform {
  return {
    name: 'browser',
    cores: isolated ? Math.min(navigator.hardwareConcurrency, mostThreads) : 1,
    readAsset,
    startThread: () => startThread(worker, onBackend),
  };
}

/** What engine-worker.ts says besides the messages of the pool. */
export interface BackendMessage {
  readonly backend: string;
}

function startThread(url: URL, onBackend: BrowserPlatformOptions['onBackend']): Thread {
  const worker = new Worker(url, { type: 'module', name: 'phiz' });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) =>
      worker.addEventListener('message', ({ data }: MessageEvent<object>) => {
        if ('backend' in data) onBackend?.((data as BackendMessage).backend);
        else listener(data);
      }),
    onExit(listener) {
      worker.addEventListener('error', ({ message }) =>
        listener(new Error(message || `${url.pathname} could not be started`)),
      );
      worker.addEventListener('messageerror', () => listener(new Error('a message could not be read')));
    },
    stop: async () => worker.terminate(),
  };
}
