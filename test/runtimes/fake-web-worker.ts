import { serveInstance } from '../../src/pool/serve-instance.ts';
import { createFakeInstance } from '../pool/fake-instance.ts';

/** fake-worker.ts for runtimes whose threads are Web Workers. */
serveInstance(
  {
    post: (message) => postMessage(message),
    onMessage: (listener) => addEventListener('message', ({ data }) => listener(data)),
  },
  createFakeInstance,
);
