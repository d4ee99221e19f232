import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRandom } from '../../bench/accuracy/random.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';
import { fuzz } from './fuzz.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));

let server: RunningServer;
beforeAll(async () => {
  server = await startProcess(process.execPath, program)('model_instances: 1\nmax_dimension: 2000\n');
});
afterAll(() => server?.stop());

it('damaged pictures and bodies get their codes; `npm run fuzz` goes on for longer', async () => {
  let calls = 60;
  expect(await fuzz(server.url, createRandom(7), () => calls-- > 0)).toEqual([]);
});
