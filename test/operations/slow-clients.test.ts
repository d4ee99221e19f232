import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { extract } from '../contract/client.ts';
import { faceCounts, read } from '../contract/samples.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));

let server: RunningServer;
beforeAll(async () => {
  server = await startProcess(
    process.execPath,
    program,
  )('model_instances: 1\nlimits: { queue: 4, timeout: 12s }\n');
});
afterAll(() => server?.stop());

const opened: Socket[] = [];
afterAll(() => {
  for (const socket of opened) socket.destroy();
});

/** Sends `start`, then a byte a second; resolves when the server hangs up, with what it said. */
function drip(start: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    opened.push(socket);
    let said = '';
    socket.on('data', (data) => {
      said += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    const timer = setInterval(() => socket.write('x'), 1_000);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(said);
    });
    socket.write(start);
  });
}

it('a hundred clients that drip their headers, or their bodies, are cut off; others are served meanwhile', async () => {
  const headers = Array.from({ length: 90 }, () => drip('POST / HTTP/1.1\r\nX-Slow: '));
  const body =
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{';
  // More than may wait: they hold no place until all is there.
  const bodies = Array.from({ length: 20 }, () => drip(body));

  const [answer] = await extract(server.url, [{ image: 'multipart:a' }], { a: await read('sample1.jpg') });
  expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);

  for (const said of await Promise.all(headers)) expect(said).toMatch(/^HTTP\/1\.1 408 /);
  for (const said of await Promise.all(bodies)) expect(said).toMatch(/^HTTP\/1\.1 40[08] /);
  const metrics = await (await fetch(new URL('metrics', server.url))).text();
  expect(metrics).toContain('\nphiz_calls_in_progress 0\n');
});
