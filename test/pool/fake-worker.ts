import { parentPort } from 'node:worker_threads';
import { serveInstance } from '../../src/pool/serve-instance.ts';
import { createFakeInstance } from './fake-instance.ts';

serveInstance(
  {
    post: (message, transfer) => parentPort?.postMessage(message, transfer),
    onMessage: (listener) => parentPort?.on('message', listener),
  },
  createFakeInstance,
);
