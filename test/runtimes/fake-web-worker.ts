import { serveInstance } from '../../src/pool/serve-instance.ts';
import { createFakeInstance } from '../pool/fake-instance.ts';

/** fake-worker.ts for runtimes whose threads are Web Workers. */
serveInstance(
  {
    post: (message, transfer = []) => postMessage(message, { transfer: [...transfer] }),
    onMessage: (listener) => addEventListener('message', ({ data }) => listener(data)),
  },
  createFakeInstance,
);
