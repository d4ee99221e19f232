import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import process from 'node:process';
import { createHttpTransport, type Resolve } from '../../runtimes/node-api/http-transport.ts';
import { serveHttp } from '../../runtimes/node-api/serve.ts';
import { Pool } from '../../src/pool/pool.ts';
import { fetchPicture } from '../../src/server/fetch-picture.ts';
import { fakeSettings, picture, type Script } from '../pool/fake-instance.ts';

/**
 * A program that a runtime is given, to tell what its sockets, look-ups and threads really do. Its
 * argument names the experiment; it prints the result as JSON.
 */
const experiments: Record<string, () => Promise<unknown>> = {
  /** A name whose second resolution leads elsewhere, and one that has a private address too. */
  async lookup() {
    const open = await listen('127.0.0.1', 'open');
    const secret = await listen('127.0.0.2', 'secret', (open.address() as AddressInfo).port);
    const { port } = open.address() as AddressInfo;
    const rebinding = resolver(['127.0.0.1'], ['127.0.0.2']);
    const mixed = resolver(['127.0.0.1', '127.0.0.2']);
    const result = {
      rebinding: await fetched(`http://rebinding.example:${port}/`, rebinding),
      asked: rebinding.asked,
      mixed: await fetched(`http://mixed.example:${port}/`, mixed),
      literal: await fetched(`http://127.0.0.2:${port}/`, mixed),
      mapped: await fetched(`http://[::ffff:127.0.0.2]:${port}/`, mixed),
    };
    open.close();
    secret.close();
    return result;
  },

  /** Clients that are slow with their headers, with their body, and gone before the answer. */
  async clients() {
    let gone = 0;
    const listening = await serveHttp(
      async (request) => {
        request.signal.addEventListener('abort', () => gone++);
        if (request.url.endsWith('/wait')) await new Promise((done) => setTimeout(done, 1_500));
        return new Response(String((await request.arrayBuffer()).byteLength));
      },
      { host: '127.0.0.1', port: 0 },
      { headers: 500, body: 500 },
    );
    const { port } = new URL(listening.url);
    const headers = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n';
    const result = {
      silent: await statusFor(port, ''),
      drippingHeaders: await statusFor(port, headers, 'X-A: b\r\n'),
      drippingBody: await statusFor(port, `${headers}\r\n`, 'x'),
      swift: await statusFor(port, `${headers}Connection: close\r\n\r\n${'x'.repeat(100)}`),
      goneBefore: gone,
      gone: 0,
      stopped: false,
    };
    const leaving = connect(Number(port), '127.0.0.1');
    leaving.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((done) => setTimeout(done, 300));
    leaving.destroy();
    await new Promise((done) => setTimeout(done, 300));
    result.gone = gone;
    const last = statusFor(port, 'GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((done) => setTimeout(done, 300));
    await listening.close(10_000);
    result.stopped = (await last) === 200;
    return result;
  },

  /** Threads that crash, throw or loop for ever. */
  async threads() {
    const { startThread } = process.versions.deno
      ? await import('../../runtimes/deno/thread.ts')
      : await import('../../runtimes/node-api/thread.ts');
    const worker = process.versions.deno ? 'fake-web-worker.js' : 'fake-worker.js';
    const result: Record<string, unknown> = {};
    for (const misbehave of ['crash', 'throw', 'loop'] satisfies Script['misbehave'][]) {
      const pool = new Pool({
        platform: { name: 'probe', cores: 1, readAsset: async () => new Uint8Array(0) },
        startThread: () => startThread(new URL(worker, import.meta.url)),
        settings: fakeSettings(),
        instances: 1,
        limits: { stall: 1_000 },
      });
      const { faces } = await pool.extract(picture({ faces: 2, misbehave, once: true }));
      result[misbehave] = { faces: faces.length, replaced: pool.status.replaced };
      await pool.close();
    }
    return result;
  },
};

async function listen(host: string, text: string, port = 0): Promise<Server> {
  const server = createServer((_, response) => void response.end(text));
  await new Promise<void>((resolve) => void server.listen(port, host, resolve));
  return server;
}

/** A resolver that has these addresses, one answer after another. */
function resolver(...answers: string[][]): Resolve & { asked: number } {
  const resolve = (_name: string, _options: unknown, callback: (...args: unknown[]) => void) => {
    const addresses = answers[Math.min(resolve.asked++, answers.length - 1)]!;
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  };
  resolve.asked = 0;
  return resolve as unknown as Resolve & { asked: number };
}

/** What a request for a picture got, where 127.0.0.1 is the internet. */
async function fetched(url: string, resolve: Resolve): Promise<string> {
  const transport = createHttpTransport(resolve);
  const limits = { size_limit: 1_000, timeout: 5_000, allow_private_networks: false };
  const internet: typeof transport = {
    get: (target, { allows, signal }) =>
      transport.get(target, { signal, allows: (address) => address === '127.0.0.1' || allows(address) }),
  };
  try {
    const bytes = await fetchPicture(internet, url, limits, new AbortController().signal);
    return new TextDecoder().decode(bytes);
  } catch (error) {
    return (error as Error).message;
  }
}

/** The status of the answer to what is sent at once and then every 100 ms; 0 where none came. */
function statusFor(port: string, first: string, then = ''): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    const timer = setInterval(() => socket.write(then), 100);
    socket.write(first);
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(Number(answer.slice(9, 12)));
    });
  });
}

const result = await experiments[process.argv[2]!]!();
// Deno does not end by itself while a thread loops, see runtimes/deno/main.ts.
process.stdout.write(JSON.stringify(result), () => process.exit());
