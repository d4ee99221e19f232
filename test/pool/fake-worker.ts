import { parentPort } from 'node:worker_threads';
import { serveInstance } from '../../src/pool/serve-instance.ts';
import { createFakeInstance } from './fake-instance.ts';

serveInstance(
  {
    post: (message) => parentPort?.postMessage(message),
    onMessage: (listener) => parentPort?.on('message', listener),
  },
  createFakeInstance,
);
