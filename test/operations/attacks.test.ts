import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { longestRun, startWatched } from '../../bench/load/main-thread.ts';
import { processorTime } from '../../bench/process-figures.ts';
import { extract, failureOf, postForm, postJson, responsesOf } from '../contract/client.ts';
import { pathOf, read } from '../contract/samples.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';
import { gauge } from './gauge.ts';
import { open } from './raw-client.ts';

/** What one caller may do to the others, each with its bound: against the real server, over sockets. */

const start = startProcess(
  process.execPath,
  fileURLToPath(new URL('../../dist/node/main.js', import.meta.url)),
);
const image = 'multipart:a';

let large: Uint8Array;
let small: Uint8Array;
let chip: Uint8Array;
beforeAll(async () => {
  large = await read('sample1.jpg');
  const sample = sharp(pathOf('sample1.jpg'));
  small = await sample.clone().resize(320).jpeg().toBuffer();
  chip = await sample.clone().resize(224, 224, { fit: 'fill' }).png().toBuffer();
});

let server: RunningServer;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.stop();
});

const value = (name: string) => gauge(server.url, name, () => true);

/** A small call of an honest client. */
async function served(): Promise<void> {
  const [answer] = await extract(server.url, [{ image }], { a: small });
  expect(answer!.faces.length).toBeGreaterThan(0);
}

/** A connection that sends these bytes, and reads nothing. */
function send(...parts: readonly (string | Uint8Array)[]): Socket {
  const socket = open(server.url);
  socket.pause();
  sockets.push(socket);
  for (const part of parts) socket.write(part);
  return socket;
}

const postOf = (length: number, type = 'application/json') =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

async function formOf(requests: readonly object[], picture: Uint8Array): Promise<[string, Uint8Array]> {
  const form = new FormData();
  form.set('a', new Blob([picture as BlobPart]));
  form.set('request', JSON.stringify({ requests }));
  const response = new Response(form);
  const body = new Uint8Array(await response.clone().arrayBuffer());
  return [postOf(body.length, response.headers.get('content-type')!), body];
}

describe('work', () => {
  it('of the worst calls in a loop leaves a small one three pieces to wait for', async () => {
    server = await start('model_instances: 2\nlimits: { timeout: 60s }\n');
    // Neither side runs code for the first time while pieces are counted.
    for (let i = 0; i < 5; i++) await served();
    const leaving = new AbortController();
    const [, body] = await formOf(
      Array.from({ length: 256 }, () => ({ image })),
      large,
    );
    const type = `multipart/form-data; boundary=${new TextDecoder().decode(body.subarray(2, 60)).split('\r')[0]}`;
    const worst = Array.from({ length: 2 }, () =>
      fetch(server.url, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body: body as BodyInit,
        signal: leaving.signal,
      }).catch(() => undefined),
    );
    await gauge(server.url, 'phiz_queue_length', (length) => length > 200);
    for (let i = 0; i < 3; i++) {
      const before = await value('phiz_pieces_total');
      await served();
      // Those at work when it came, one beside it, its own one or two; and what is done while this process,
      // on the same cores, sends and reads. A call that had to wait for its turn among 512 would see hundreds.
      expect((await value('phiz_pieces_total')) - before).toBeLessThanOrEqual(3 + 2 + 7);
    }
    leaving.abort();
    await Promise.all(worst);
    expect(await value('phiz_instances_replaced_total')).toBe(0);
  });

  it('of a call ends at its time limit, what was done of it is answered, and others are meanwhile', async () => {
    server = await start('model_instances: 1\nlimits: { timeout: 6s }\n');
    await served();
    // A few bytes, of more than a megapixel.
    const background = { r: 120, g: 90, b: 200 };
    const plain = sharp({ create: { width: 1_200, height: 1_200, channels: 3, background } });
    const picture = await plain.webp({ lossless: true }).toBuffer();
    const pictures = Array<Uint8Array>(256).fill(picture);
    const began = performance.now();
    const call = extract(
      server.url,
      pictures.map((_, index) => ({ image: `multipart:${index}` })),
      Object.fromEntries(pictures.entries()),
    );
    await gauge(server.url, 'phiz_calls_in_progress', (calls) => calls === 1);
    await served();
    const codes = (await call).map(({ error }) => error?.code);
    expect(performance.now() - began).toBeLessThan(2 * 6_000);
    expect(codes.at(-1)).toBe('TIMEOUT');
    expect(codes).toContain(undefined);
  });

  it('is refused where as much is before it, by what its pixels cost; small work is not', async () => {
    server = await start('model_instances: 1\nlimits: { timeout: 8s, queue: 20 }\n');
    // From eight on, what work takes is known; the first of an instance do not count.
    for (let i = 0; i < 14; i++) await served();
    const requests = Array.from({ length: 256 }, () => ({ image }));
    const first = postForm(server.url, { requests }, { a: large });
    await gauge(server.url, 'phiz_calls_in_progress', (calls) => calls === 1);
    const second = await postForm(server.url, { requests }, { a: large });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await failureOf(second)).toEqual([503, 'OVERLOADED']);
    await served();
    expect(await responsesOf(await first)).toHaveLength(256);
  });

  it('that was accepted is answered when the process is asked to stop, within its time limit', async () => {
    server = await start('model_instances: 1\nlimits: { timeout: 4s }\n');
    const requests = Array.from({ length: 256 }, (_, index) => ({ image: `multipart:${index % 16}` }));
    const pictures = Array.from({ length: 16 }, (_, index) => [index, large] as const);
    const call = postForm(server.url, { requests }, Object.fromEntries(pictures));
    await gauge(server.url, 'phiz_calls_in_progress', (calls) => calls === 1);
    const began = performance.now();
    const ended = server.stop();
    expect(await responsesOf(await call)).toHaveLength(256);
    expect(await ended).toBe(0);
    // limits.timeout, 5 s for the answer to be read, 1 s for the rest.
    expect(performance.now() - began).toBeLessThan(10_000);
    server = { ...server, stop: async () => 0 };
  });
});

describe('memory', () => {
  it('of a large WebP is given back, and no copy of its pixels is kept', async () => {
    server = await start('model_instances: 1\nlimits: { timeout: 60s }\n');
    await served();
    const before = await value('process_resident_memory_bytes');
    const side = 6_000;
    const photograph = sharp(large).resize(side, side, { fit: 'fill' }).webp({ effort: 0 });
    const [answer] = await extract(server.url, [{ image }], { a: await photograph.toBuffer() });
    expect(answer!.faces.length).toBeGreaterThan(0);
    await gauge(server.url, 'process_resident_memory_bytes', (bytes) => bytes < before + 4 * side * side);
  });

  it('is taken for what comes of a body, not for what is declared', async () => {
    server = await start('model_instances: 1\nlimits: { timeout: 60s }\n');
    await served();
    const before = await processorTime(server.pid);
    for (let i = 0; i < 300; i++) send(postOf(64_000_000), '{');
    await gauge(server.url, 'phiz_calls_in_progress_bytes', (bytes) => bytes >= 300);
    // What each took, at most, is a byte.
    expect(await value('phiz_calls_in_progress_bytes')).toBeLessThanOrEqual(300);
    expect((await processorTime(server.pid)) - before).toBeLessThan(300 * 5);
    await served();
  });

  it('of bodies that come slowly is apart, and those that hold most for longest make room', async () => {
    server = await start('model_instances: 1\nlimits: { body_size: 1000000, timeout: 60s }\n');
    const part = new Uint8Array(450_000).fill(0x20);
    for (let i = 0; i < 20; i++) send(postOf(900_000), part);
    await gauge(server.url, 'phiz_calls_in_progress_bytes', (bytes) => bytes > 2_500_000);
    for (let i = 0; i < 5; i++) await served();
    expect(await value('phiz_calls_in_progress_bytes')).toBeLessThanOrEqual(4_000_000);
  });

  it('of fetched pictures counts while they come', async () => {
    server = await start('model_instances: 1\nfetch: { allow_private_networks: true, timeout: 5s }\n');
    const pictures = createServer((_, response) => void response.write(new Uint8Array(900_000)));
    await new Promise<void>((resolve) => void pictures.listen(0, '127.0.0.1', resolve));
    const { port } = pictures.address() as AddressInfo;
    try {
      const requests = Array.from({ length: 8 }, (_, i) => ({ image: `http://127.0.0.1:${port}/${i}` }));
      const call = postJson(server.url, { requests });
      await gauge(server.url, 'phiz_calls_in_progress_bytes', (bytes) => bytes > 8 * 900_000);
      const codes = (await responsesOf(await call)).map(({ error }) => error?.code);
      expect(new Set(codes)).toEqual(new Set(['IMAGE_FETCH_FAILED']));
      await gauge(server.url, 'phiz_calls_in_progress_bytes', (bytes) => bytes === 0);
    } finally {
      pictures.closeAllConnections();
      pictures.close();
    }
  });

  it('of an answer counts until it is read, and is given back when its time is over', async () => {
    server = await start('model_instances: 2\nlimits: { timeout: 10s }\n');
    // Noise, of which a PNG is large: more than what the system keeps of an answer.
    const noise = sharp({
      create: {
        width: 224,
        height: 224,
        channels: 3,
        background: 'grey',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    });
    const requests = Array.from({ length: 40 }, () => ({
      image,
      detector: 'prenormalized',
      need_normalized: true,
    }));
    send(...(await formOf(requests, await noise.png().toBuffer())));
    await gauge(server.url, 'phiz_calls_in_progress', (calls) => calls === 1);
    const began = performance.now();
    await gauge(server.url, 'phiz_requests_total', (answered) => answered === 40);
    await served();
    expect(await value('phiz_calls_in_progress')).toBe(1);
    expect(await value('phiz_calls_in_progress_bytes')).toBeGreaterThan(6_000_000);
    await gauge(server.url, 'phiz_calls_in_progress', (calls) => calls === 0);
    // limits.timeout, and 5 s for the answer to be read.
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(await value('phiz_calls_in_progress_bytes')).toBe(0);
  });
});

const chunkedPost =
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';

const padded = `--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--b${' '.repeat(30_000_000)}`;
const paddedForm = `${postOf(padded.length, 'multipart/form-data; boundary=b')}${padded}`;

describe('the main thread', () => {
  let folder: string;
  let note: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phiz-attacks-'));
    note = join(folder, 'main-thread');
    server = await startWatched(note)('model_instances: 1\nfetch: { timeout: 2s }\n');
    await served();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const megabytes = (count: number, text: string) => text.repeat((count * 2 ** 20) / text.length);

  /** The longest run of the main thread while something is done, in milliseconds of processor time. */
  async function runDuring(attack: () => Promise<unknown>): Promise<number> {
    const since = Date.now();
    await attack();
    return longestRun(note, since);
  }

  it('is never kept for long by one call', async () => {
    const refused = [
      `{"requests":["${megabytes(60, '\\"')}"]}`,
      megabytes(60, ' '),
      `{${Array.from({ length: 500_000 }, (_, index) => `"k${index}":0`).join(',')}}`,
      `["${megabytes(8, 'a","')}"]`,
    ];
    const longest = await runDuring(async () => {
      for (const body of refused) {
        // Cut off while it still sends, a client may not get to read the answer.
        const refusal = await postJson(server.url, body).then(failureOf, () => undefined);
        if (refusal) expect([400, 413]).toContain(refusal[0]);
      }
      for (const text of ['A', '\\/', '%41']) {
        const body = `{"requests":[{"image":"data:image/jpeg;base64,${megabytes(57, text)}"}]}`;
        const [answer] = await responsesOf(await postJson(server.url, body));
        expect(answer!.error!.code).toBe('IMAGE_DECODING_FAILED');
      }
      const parts = `--b\r\nContent-Disposition: form-data; name=x\r\n\r\n${megabytes(60, '-')}\r\n--b--\r\n`;
      const forms = { 'Content-Type': 'multipart/form-data; boundary=b' };
      const form = await fetch(server.url, { method: 'POST', headers: forms, body: parts });
      expect(await failureOf(form)).toEqual([400, 'BAD_REQUEST']);
      const odd = { 'Content-Type': `a${' '.repeat(15_000)}a` };
      const spaces = await fetch(server.url, { method: 'POST', headers: odd, body: '' });
      expect((await failureOf(spaces))[0]).toBe(415);
      // A host in other letters, of which each is to be set in its place among those before it.
      const letters = Array.from({ length: 100_000 }, (_, i) =>
        String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000)),
      );
      for (const length of [letters.length, 8_000, 1_000]) {
        const image = `http://${letters.slice(0, length).join('')}/`;
        const [answer] = await responsesOf(await postJson(server.url, { requests: [{ image }] }));
        expect(answer!.error!.code).toBe('IMAGE_FETCH_FAILED');
      }
      // Pictures of faces, which the instances write.
      const requests = Array.from({ length: 60 }, () => ({
        image,
        detector: 'prenormalized',
        need_normalized: true,
      }));
      expect(await extract(server.url, requests, { a: chip })).toHaveLength(60);
    });
    expect(longest).toBeLessThan(mostOfBusyMachine);
  });

  /** Connections that have come about. */
  async function connected(count: number): Promise<Socket[]> {
    const all = Array.from({ length: count }, () => send());
    await Promise.all(all.map((socket) => new Promise((done) => socket.once('connect', done))));
    return all;
  }

  /** When each was told something, or cut off. */
  const told = (all: readonly Socket[]) =>
    Promise.all(
      all.map(
        (socket) =>
          new Promise((done) => socket.resume().once('data', done).once('end', done).once('close', done)),
      ),
    );

  it('is never kept for long by a thousand calls in one moment, nor by bodies of 54 MB', async () => {
    const many = await connected(900);
    const large = await connected(60);
    const call = '{"requests":[{"image":"multipart:none"}]}';
    const body = new Uint8Array(900_000).fill(0x20);
    const longest = await runDuring(async () => {
      for (const socket of many) socket.write(`${postOf(call.length)}${call}`);
      for (const socket of large) socket.write(postOf(body.length));
      for (const socket of large) socket.write(body);
      await told([...many, ...large]);
      await served();
    });
    expect(longest).toBeLessThan(mostOfBusyMachine);
  });

  it.each([
    ['chunks of a byte', `${chunkedPost}${'1\r\n \r\n'.repeat(30_000)}0\r\n\r\n`, 16],
    ['requests sent ahead', 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200), 100],
    ['thousands of headers', `GET /health HTTP/1.1\r\nHost: x\r\n${'a:b\r\n'.repeat(2_900)}\r\n`, 100],
    ['spaces behind a boundary', paddedForm, 1],
  ])('is never kept for long by %s', async (_, sent, count) => {
    const all = await connected(count);
    const longest = await runDuring(async () => {
      for (const socket of all) socket.write(sent);
      await told(all);
      await served();
    });
    expect(longest).toBeLessThan(mostOfBusyMachine);
  });

  it('is never kept for long by hundreds that leave in one moment', async () => {
    const all = await connected(900);
    for (const socket of all) socket.write(`${postOf(1_000)}{`);
    await gauge(server.url, 'phiz_calls_in_progress_bytes', (bytes) => bytes >= 900);
    const longest = await runDuring(async () => {
      for (const socket of all) socket.destroy();
      await gauge(server.url, 'phiz_calls_in_progress_bytes', (bytes) => bytes === 0);
      await served();
    });
    expect(longest).toBeLessThan(mostOfBusyMachine);
  });

  it('its delay is told', async () => {
    const delay = watchOwnDelay();
    await served();
    const metrics = await (await fetch(new URL('metrics', server.url))).text();
    const worst = 1_000 * Number(/^phiz_event_loop_delay_max_seconds (\S+)/m.exec(metrics)?.[1]);
    expect(worst).toBeGreaterThan(0);
    // 50 ms, and what a machine that is busy with other things keeps anybody waiting for.
    expect(worst).toBeLessThan(50 + 4 * delay.stop());
  });
});

/**
 * Milliseconds of processor time: half again the 50 of an idle machine, for one whose cores, caches and memory
 * others use too.
 */
const mostOfBusyMachine = 75;

/** How late this process, which does little, came to what was due: in milliseconds, at worst. */
function watchOwnDelay(): { stop(): number } {
  let worst = 25;
  let due = performance.now() + 10;
  const timer = setInterval(() => {
    worst = Math.max(worst, performance.now() - due);
    due = performance.now() + 10;
  }, 10);
  return {
    stop() {
      clearInterval(timer);
      return worst;
    },
  };
}
