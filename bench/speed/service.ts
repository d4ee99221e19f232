import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import type { WireResponse } from '../../src/server/answer-schema.ts';
import { everythingOnTheWire } from './everything.ts';

/** The built service in a process of its own, and a client of it. */
export interface Service {
  /** Posts a picture as a multipart body and asks for everything. */
  post(jpeg: Uint8Array): Promise<WireResponse>;
  /** Bytes of memory that it held at most; NaN where the system does not tell. */
  peakMemory(): Promise<number>;
  /** Milliseconds of a core that it has used; NaN where the system does not tell. */
  processorTime(): Promise<number>;
  /** The same of its main thread alone, in which no network runs. */
  mainThreadTime(): Promise<number>;
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
  const agent = new Agent({ keepAlive: true });
  return {
    async post(jpeg) {
      const answer = JSON.parse(await send(url, agent, multipartBody(jpeg))) as {
        responses?: WireResponse[];
      };
      const response = answer.responses?.[0];
      if (!response || response.error) throw new Error(`the service answered ${JSON.stringify(answer)}`);
      return response;
    },
    async peakMemory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
      return found ? Number(found[1]) * 1024 : Number.NaN;
    },
    processorTime: () => timeOf(`/proc/${child.pid}/stat`),
    mainThreadTime: () => timeOf(`/proc/${child.pid}/task/${child.pid}/stat`),
    async stop() {
      agent.destroy();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Linux counts processor time in hundredths of a second for programs. */
const millisecondsPerTick = 10;

/** @param stat Linux's account of a process or thread */
async function timeOf(stat: string): Promise<number> {
  const text = await readFile(stat, 'utf8').catch(() => '');
  // Behind the name in parentheses: user and system time are the 12th and 13th field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick;
}

const boundary = '----phiz-bench-d2f1a8c4';

function multipartBody(jpeg: Uint8Array): Buffer {
  const request = {
    include_timings: true,
    requests: [{ image: 'multipart:picture', ...everythingOnTheWire }],
  };
  return Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="request"\r\n\r\n`),
    Buffer.from(JSON.stringify(request)),
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Disposition: form-data; name="picture"; filename="picture.jpg"\r\n` +
        'Content-Type: image/jpeg\r\n\r\n',
    ),
    jpeg,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

/** Posts over a plain socket: `fetch` and `FormData` take longer here than the service does. */
function send(url: string, agent: Agent, body: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      agent,
      method: 'POST',
      headers: {
        'Content-Type': `multipart/form-data; boundary=${boundary}`,
        'Content-Length': body.length,
      },
    });
    call.once('error', reject);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve(Buffer.concat(chunks).toString()));
      response.once('error', reject);
    });
    call.end(body);
  });
}
