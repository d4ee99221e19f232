import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { expect, it } from 'vitest';

it('a worker waits for a server that is not there, says so, and stops when it is asked to', async () => {
  const worker = spawn(process.execPath, ['dist/node/main.js', 'work', '--nats', 'nats://127.0.0.1:1']);
  const ended = once(worker, 'exit');
  let said = '';
  for await (const part of worker.stderr) {
    said += part;
    if (said.includes('\n')) break;
  }
  expect(JSON.parse(said)).toMatchObject({
    level: 'warn',
    event: 'queue not reached',
    reason: expect.stringContaining('no NATS server at 127.0.0.1:1: '),
  });
  worker.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
