import process from 'node:process';
import { createHost } from '../node-api/host.ts';
import { createPlatform } from '../node-api/platform.ts';
import { startThread } from '../node-api/thread.ts';

/** Node ≥ 20. */
export const nodePlatform = createPlatform(
  `Node ${process.versions.node}`,
  'node-api/worker.js',
  startThread,
);

export const nodeHost = createHost(nodePlatform);
