import { connect } from 'node:net';
import process from 'node:process';
import { expect, it } from 'vitest';
import { postForm, responsesOf } from '../contract/client.ts';
import { faceCounts, read } from '../contract/samples.ts';
import type { StartServer } from '../contract/server.ts';
import { gauge } from './gauge.ts';

/** How a real server ends when it is asked to; alike on every runtime. */
export function stoppingSuite(start: StartServer): void {
  it('SIGTERM under load: what was accepted is answered, nothing more is taken, the end is 0', async () => {
    const server = await start('model_instances: 1\n');
    const picture = await read('sample1.jpg');
    const calls = Array.from({ length: 6 }, () =>
      postForm(server.url, { requests: [{ image: 'multipart:a', need_age: true }] }, { a: picture }),
    );
    await gauge(server.url, 'phiz_calls_in_progress', (calls) => calls === 6);
    const ended = server.stop();
    // More of them change nothing.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(server.pid, signal);

    // The port closes at once, while the six are still at work.
    const { hostname, port } = new URL(server.url);
    while (await accepts(hostname, Number(port))) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const call of calls) {
      const [answer] = await responsesOf(await call);
      expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);
    }
    expect(await ended).toBe(0);
  });

  it('a client that never finishes its call does not keep the process: it ends within the time limit', async () => {
    const server = await start('model_instances: 1\nlimits: { timeout: 1s }\n');
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"requests"',
    );
    // What has come of the body is held.
    await gauge(server.url, 'phiz_calls_in_progress_bytes', (bytes) => bytes > 0);
    expect(await server.stop()).toBe(0);
    socket.destroy();
  });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
