import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { WireResponse } from '../../src/server/answer-schema.ts';
import { everythingOnTheWire } from './everything.ts';

/** The built service in a process of its own, and a client of it. */
export interface Service {
  /** Posts a picture as a multipart body and asks for everything. */
  post(jpeg: Uint8Array): Promise<WireResponse>;
  /** Bytes of memory that it held at most; undefined where the system does not tell. */
  peakMemory(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** Starts the service of a checkout and waits until its networks are loaded. */
export async function startService(checkout: string, instances: number): Promise<Service> {
  const child = spawn(
    process.execPath,
    [
      join(checkout, 'dist/node/main.js'),
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--set',
      `model_instances=${instances}`,
      '--config',
      '/dev/null',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      output += data;
      const found = /listens on (http:\S+)/.exec(output);
      if (found && output.includes('networks are loaded')) resolve(found[1]!);
    });
    void ended.then(() => reject(new Error(`the service ended before it was ready:\n${output}`)));
  });
  const request = JSON.stringify({
    include_timings: true,
    requests: [{ image: 'multipart:picture', ...everythingOnTheWire }],
  });
  return {
    async post(jpeg) {
      const body = new FormData();
      body.set('request', request);
      body.set('picture', new Blob([jpeg as Uint8Array<ArrayBuffer>]));
      const response = await fetch(url, { method: 'POST', body });
      const { responses } = (await response.json()) as { responses?: WireResponse[] };
      const answer = responses?.[0];
      if (!answer || answer.error) throw new Error(`the service answered ${JSON.stringify(answer?.error)}`);
      return answer;
    },
    async peakMemory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
      return found ? Number(found[1]) * 1024 : undefined;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
