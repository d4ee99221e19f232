import process from 'node:process';
import { createHost } from '../node-api/host.ts';
import { createPlatform } from '../node-api/platform.ts';
import { startThread } from '../node-api/thread.ts';

/** Bun ≥ 1.4. */
export const bunPlatform = createPlatform(`Bun ${process.versions.bun}`, 'node-api/worker.js', startThread);

export const bunHost = createHost(bunPlatform);
