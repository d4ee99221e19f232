import process from 'node:process';
import { createHost } from '../node-api/host.ts';
import { createPlatform } from '../node-api/platform.ts';
import { runAndExit } from '../node-api/run-and-exit.ts';
import { startThread } from '../node-api/thread.ts';

/**
 * The program of the single file: in Bun's file system inside of it, the assets and the program of
 * the threads lie beside this, see build/build-binary.mjs.
 */
const inside = new URL('./', import.meta.url);
const name = `Bun ${process.versions.bun}`;

await runAndExit(createHost(createPlatform(name, 'node-api/worker.js', startThread, inside)));
