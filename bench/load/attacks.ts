import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import sharp from 'sharp';
import { type HttpCall, multipartCall, multipartOf } from '../http.ts';
import { everyNeed } from './server.ts';

/** An attack on a service, which goes on for as long as it is let. */
export interface Attack {
  readonly name: string;
  /** Ends, with everything that it has opened, when the signal aborts. */
  run(target: AttackTarget, signal: AbortSignal): Promise<void>;
}

export interface AttackTarget {
  readonly url: string;
  /** The address from which it comes, so that it is another client than the honest ones. */
  readonly from: string;
}

const sample = 'node_modules/@vladmandic/face-api/demo/sample1.jpg';

/** Every attack that the tests know, with servers of its own where it needs them. `close` ends those. */
export async function prepareAttacks(): Promise<{ attacks: Attack[]; close(): void }> {
  const stalling = await stallingServer();
  const photograph = await sharp(sample).toBuffer();
  const plain = await plainPictures(64);
  /** So many requests on the one picture. */
  const many = (count: number, keys: object = {}) =>
    multipartOf(
      { requests: Array.from({ length: count }, () => ({ image: 'multipart:picture', ...keys })) },
      photograph,
    );
  const quotes = text(`{"a":"${'\\"'.repeat(31 * 2 ** 20)}"}`);
  const keys = text(`{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join()}}`);
  const letters = json({ requests: [{ image: `data:;base64,${'A'.repeat(60 * 2 ** 20)}` }] });

  const padded = {
    type: 'multipart/form-data; boundary=b',
    body: Buffer.from(
      `--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--b${' '.repeat(30_000_000)}`,
    ),
  };

  const attacks: Attack[] = [
    {
      name: 'bodies that are declared and never come',
      run: hold(300, () => `${head('application/json', 64 * 2 ** 20)}{`),
    },
    {
      name: 'bodies that drip',
      run: hold(60, () => head('application/json', 2 ** 20) + ' '.repeat(900_000), '.'),
    },
    { name: 'headers that drip', run: hold(200, () => 'POST / HTTP/1.1\r\nX-Slow: ', 'x') },
    { name: 'idle connections', run: hold(1_500, () => '') },
    {
      name: 'files asked for ahead and not read',
      run: hold(4, () => 'GET /assets/wasm/onnxruntime.wasm HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100)),
    },
    {
      name: 'answers that are not read',
      run: hold(8, () => whole(many(40, { ...everyNeed, need_normalized: true }))),
    },
    {
      name: 'pictures from servers that stall',
      run: repeat(8, () =>
        json({ requests: Array.from({ length: 8 }, (_, i) => ({ image: `${stalling.url}${i}` })) }),
      ),
    },
    {
      name: 'names that nobody knows',
      run: repeat(8, () =>
        json({ requests: Array.from({ length: 8 }, (_, i) => ({ image: `http://n${i}.invalid/` })) }),
      ),
    },
    {
      name: '256 requests on one picture',
      run: repeat(2, () => many(256)),
    },
    {
      name: '64 pictures of 36 megapixels in 38 bytes each',
      run: repeat(2, () =>
        json({
          requests: plain.map((bytes) => ({ image: `data:image/webp;base64,${bytes.toString('base64')}` })),
        }),
      ),
    },
    {
      name: 'one picture, all its faces as PNG, 40 times',
      run: repeat(2, () => many(40, { detector: 'legacy', need_normalized: true })),
    },
    { name: 'JSON of quotes', run: repeat(2, () => quotes) },
    {
      name: 'JSON of keys',
      run: repeat(2, () => keys),
    },
    { name: 'JSON of levels', run: repeat(4, () => text('['.repeat(1_000_000))) },
    {
      name: 'base64 of 60 MB',
      run: repeat(1, () => letters),
    },
    {
      name: 'damaged pictures',
      run: repeat(4, () =>
        multipartCall(photograph.subarray(0, Math.random() * photograph.length), everyNeed),
      ),
    },
    {
      name: 'Content-Type of 15 kB',
      run: repeat(4, () => ({ type: `a${' '.repeat(15_000)}a`, body: new Uint8Array(0) })),
    },
    { name: 'no HTTP', run: repeat(4, () => '\x16\x03\x01\r\n\r\n') },
    { name: 'chunks of a byte', run: repeat(8, () => `${chunked}${'1\r\n \r\n'.repeat(30_000)}0\r\n\r\n`) },
    {
      name: 'requests sent ahead',
      run: repeat(
        50,
        () => `${'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200)}GET /health HTTP/1.0\r\n\r\n`,
      ),
    },
    { name: 'spaces behind a boundary', run: repeat(1, () => padded) },
    {
      name: 'hundreds that leave in one moment',
      run: leaveTogether(600, () => `${head('application/json', 1_000)}{`),
    },
    { name: 'clients that leave', run: leave(() => whole(multipartCall(photograph, everyNeed))) },
  ];
  return { attacks, close: () => stalling.server.close() };
}

/** Opens connections, sends on each, reads nothing, and goes on with `drip` each second. */
function hold(connections: number, start: () => string | Uint8Array, drip?: string): Attack['run'] {
  return async ({ url, from }, signal) => {
    const sockets = new Set<Socket>();
    const open = () => {
      const socket = dial(url, from);
      sockets.add(socket.pause());
      socket.write(start());
      // The place of one that was cut off is taken again.
      socket.on('close', () => {
        sockets.delete(socket);
        if (!signal.aborted) setTimeout(open, 500);
      });
    };
    for (let i = 0; i < connections; i++) open();
    const timer = setInterval(() => {
      if (drip) for (const socket of sockets) socket.write(drip);
    }, 1_000);
    await ended(signal);
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

/** So many clients, each sending again when it is answered or cut off. */
function repeat(clients: number, next: () => HttpCall | string): Attack['run'] {
  return async ({ url, from }, signal) => {
    const client = async () => {
      while (!signal.aborted) {
        const call = next();
        await converse(url, from, typeof call === 'string' ? call : whole(call), signal);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
  };
}

/** Sends calls and hangs up while they are at work. */
function leave(next: () => Uint8Array): Attack['run'] {
  return async ({ url, from }, signal) => {
    while (!signal.aborted) {
      const socket = dial(url, from);
      socket.write(next());
      await new Promise((resolve) => setTimeout(resolve, 20 + 200 * Math.random()));
      socket.destroy();
    }
  };
}

/** So many connections that begin a call, and hang up in the same moment. */
function leaveTogether(connections: number, start: () => string): Attack['run'] {
  return async ({ url, from }, signal) => {
    while (!signal.aborted) {
      const sockets = Array.from({ length: connections }, () => dial(url, from));
      for (const socket of sockets) socket.write(start());
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      for (const socket of sockets) socket.destroy();
    }
  };
}

/** Sends, and reads until the other side hangs up. */
function converse(url: string, from: string, sent: string | Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = dial(url, from);
    const stop = () => socket.destroy();
    signal.addEventListener('abort', stop);
    socket.resume();
    socket.on('end', stop);
    socket.on('close', () => {
      signal.removeEventListener('abort', stop);
      // Not at once: what is refused in a millisecond would be a test of connecting.
      setTimeout(resolve, 50);
    });
    socket.write(sent);
  });
}

function dial(url: string, localAddress: string): Socket {
  const { hostname: host, port } = new URL(url);
  return connect({ host, port: Number(port), localAddress, allowHalfOpen: true }).on(
    'error',
    () => undefined,
  );
}

const head = (type: string, length: number) =>
  `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

const chunked =
  'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';

const whole = ({ type, body }: HttpCall) => Buffer.concat([Buffer.from(head(type, body.length)), body]);

const text = (body: string): HttpCall => ({ type: 'application/json', body: Buffer.from(body) });

const json = (call: object) => text(JSON.stringify(call));

/** Pictures of one colour each, 6000×6000 in some bytes. */
function plainPictures(count: number): Promise<Buffer[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) =>
      sharp({ create: { width: 6_000, height: 6_000, channels: 3, background: { r: 4 * i, g: 90, b: 200 } } })
        .webp({ lossless: true })
        .toBuffer(),
    ),
  );
}

/** Answers with headers and a part of a picture, and then with nothing more. */
async function stallingServer(): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Length': 9_900_000 }).write(Buffer.alloc(1_000_000));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const ended = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
