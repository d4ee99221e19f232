import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { extract } from '../contract/client.ts';
import { faceCounts, read } from '../contract/samples.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';
import { gauge } from './gauge.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));
const start = startProcess(process.execPath, program);

let server: RunningServer;
let picture: Uint8Array;
beforeAll(async () => {
  [server, picture] = await Promise.all([
    start('model_instances: 1\nlimits: { timeout: 60s }\n'),
    read('sample1.jpg'),
  ]);
});
afterAll(() => server?.stop());

it('clients that hang up leave the queue, the one at work too, and the next is served', async () => {
  const leaving = new AbortController();
  const form = new FormData();
  form.set('a', new Blob([picture as BlobPart]));
  form.set('request', JSON.stringify({ requests: [{ image: 'multipart:a' }] }));
  const { body, headers } = new Response(form);
  const bytes = await new Response(body).arrayBuffer();
  const calls = Array.from({ length: 12 }, () =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': headers.get('content-type')! },
      body: bytes,
      signal: leaving.signal,
    }).catch((error: Error) => error.name),
  );
  await gauge(server.url, 'phiz_queue_length', (length) => length >= 10);
  leaving.abort();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['AbortError']));
  await gauge(server.url, 'phiz_calls_in_progress', (value) => value === 0);

  const [answer] = await extract(server.url, [{ image: 'multipart:a' }], { a: picture });
  expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);
  // Nobody waited for the eleven pictures, nor was an instance replaced to be rid of them.
  expect(await gauge(server.url, 'phiz_requests_total', () => true)).toBe(1);
  expect(await gauge(server.url, 'phiz_instances_replaced_total', () => true)).toBe(0);
});

it('the time limit ends the work in the middle of a picture, and keeps the instance', async () => {
  const hasty = await start('model_instances: 1\nlimits: { timeout: 250ms }\n');
  try {
    // Seconds of work: the picture is searched for each.
    const requests = Array.from({ length: 40 }, () => ({ image: 'multipart:a' }));
    const answers = await extract(hasty.url, requests, { a: picture });
    expect(new Set(answers.map(({ error }) => error?.code))).toEqual(new Set(['TIMEOUT']));
    await gauge(hasty.url, 'phiz_instances_busy', (value) => value === 0);
    expect(await gauge(hasty.url, 'phiz_instances_replaced_total', () => true)).toBe(0);
  } finally {
    await hasty.stop();
  }
});
