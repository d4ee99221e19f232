import process from 'node:process';
import { createHost } from '../node-api/host.ts';
import { createPlatform } from '../node-api/platform.ts';
import { startThread } from './thread.ts';

/** Deno ≥ 2. */
export const denoPlatform = createPlatform(`Deno ${process.versions.deno}`, 'deno/worker.js', startThread);

export const denoHost = createHost(denoPlatform);
