import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { peakMemory } from '../../bench/process-figures.ts';
import type { PngChunk } from '../../src/image/png/chunks.ts';
import { writeChunks } from '../image/write-chunks.ts';
import { extract, failureOf, postForm, postJson, responsesOf } from './client.ts';
import { faceCounts, pathOf, read } from './samples.ts';
import type { RunningServer } from './server.ts';
import { startProcess } from './start-process.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));
const image = 'multipart:a';

/** A gibibyte of zeros. Made before the server runs: it takes longer than a connection is kept. */
const zeros = deflateSync(new Uint8Array(2 ** 30), { level: 9 });

/**
 * What a hostile client may send, to the real server over a socket. Each gets its code within the
 * test's time limit; afterwards the same process answers a good request.
 */
let server: RunningServer;
let peakBefore: number;
beforeAll(async () => {
  server = await startProcess(
    process.execPath,
    program,
  )('model_instances: 1\nfetch: { allow_private_networks: true, timeout: 2s, size_limit: 1000000 }\n');
  await goodRequest();
  peakBefore = await peak();
});
afterEach(goodRequest);
afterAll(() => server?.stop());

async function goodRequest(): Promise<void> {
  const [answer] = await extract(server.url, [{ image }], { a: await read('sample1.jpg') });
  expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);
}

/** The most memory that the server has had so far, in bytes; known on Linux alone. */
const peak = () => (process.platform === 'linux' ? peakMemory(server.pid) : 0);

/** The error of a request on one picture. */
async function errorOf(picture: Uint8Array): Promise<string | undefined> {
  const [answer] = await extract(server.url, [{ image }], { a: picture });
  return answer!.error?.code;
}

describe('pictures', () => {
  it('that promise more pixels than are allowed, in a kilobyte', async () => {
    const jpeg = (await small('jpeg')).map((byte, at, all) => (isFrameSize(all, at) ? 0xea : byte));
    expect(await errorOf(jpeg.subarray(0, 1_000))).toBe('IMAGE_TOO_LARGE');
    expect(await errorOf(greyPng(60_000, 60_000, []))).toBe('IMAGE_TOO_LARGE');
    const webp = await small('webp');
    webp.set([0xff, 0x3f, 0xff, 0x3f], webp.indexOf('VP8 ') + 14);
    expect(await errorOf(webp)).toBe('IMAGE_TOO_LARGE');
  });

  it('that inflate to gigabytes', async () => {
    const idat = { name: 'IDAT', data: zeros };
    // Pixels beyond the last row, and text that nobody asked for.
    const text = { name: 'zTXt', data: Buffer.concat([Buffer.from('a\0\0'), zeros]) };
    expect(await errorOf(greyPng(64, 64, [text, idat, idat, idat]))).toBeUndefined();
  });

  it('of a size that the header justifies, but nothing else does', async () => {
    const empty = { name: 'IDAT', data: deflateSync(new Uint8Array(10)) };
    for (let i = 0; i < 10; i++) {
      expect(await errorOf(greyPng(6_000, 6_000, [empty]))).toBe('IMAGE_DECODING_FAILED');
    }
  });

  it('of ten thousand scans', async () => {
    const jpeg = await sharp(pathOf('sample1.jpg')).resize(512).jpeg({ progressive: true }).toBuffer();
    const scan = jpeg.lastIndexOf(Buffer.of(0xff, 0xda));
    const end = jpeg.length - 2;
    const scans = Array.from({ length: 10_000 }, () => jpeg.subarray(scan, Math.min(end, scan + 400)));
    const deep = Buffer.concat([jpeg.subarray(0, end), ...scans, jpeg.subarray(end)]);
    expect(await errorOf(deep)).toBe('IMAGE_DECODING_FAILED');
  });

  it('cut off or changed anywhere', async () => {
    const whole = await small('jpeg');
    const pictures = Array.from({ length: 40 }, (_, step) => {
      const at = Math.floor((whole.length * step) / 40);
      return step % 2 ? whole.subarray(0, at) : whole.map((byte, index) => (index === at ? ~byte : byte));
    });
    const requests = pictures.map((_, index) => ({ image: `multipart:${index}` }));
    const answers = await extract(server.url, requests, Object.fromEntries(pictures.entries()));
    for (const { error } of answers) expect([undefined, 'IMAGE_DECODING_FAILED']).toContain(error?.code);
  });
});

describe('bodies', () => {
  it('of a hundred thousand requests', async () => {
    const requests = Array(100_000).fill({ image });
    expect(await failureOf(await postForm(server.url, { requests }))).toEqual([400, 'BAD_REQUEST']);
  });

  it('of millions of values, or levels', async () => {
    for (const body of [`[${'0,'.repeat(4_000_000)}0]`, '['.repeat(1_000_000)]) {
      expect(await failureOf(await postJson(server.url, body))).toEqual([400, 'BAD_REQUEST']);
    }
  });

  it('of 200 MB, of declared length or not', async () => {
    expect(await statusOf({ 'Content-Length': String(200 * 2 ** 20) })).toBe(413);
    expect(await statusOf({ 'Transfer-Encoding': 'chunked' })).toBe(413);
  });

  it('whose part names have control characters', async () => {
    const body = '--b\r\nContent-Disposition: form-data; name="a\u0007"\r\n\r\nx\r\n--b--\r\n';
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
    expect(await failureOf(await fetch(server.url, { method: 'POST', body, headers }))).toEqual([
      400,
      'BAD_REQUEST',
    ]);
  });

  it('with numbers that are none', async () => {
    const call = (left: string) =>
      `{"requests": [{"image": "${image}", "roi": {"left": ${left}, "top": 0, "right": 1e308, "bottom": 1e308}}]}`;
    const parts = { a: await read('sample1.jpg') };
    for (const left of ['NaN', 'Infinity', '1e309', '"0"', 'null', '[0]']) {
      expect(await failureOf(await postForm(server.url, call(left), parts))).toEqual([400, 'BAD_REQUEST']);
    }
    const [answer] = await responsesOf(await postForm(server.url, call('-1e308'), parts));
    expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);
  });
});

describe('servers of pictures', () => {
  const failing: [name: string, listener: RequestListener, reason: RegExp][] = [
    [
      'that drip a byte a second',
      (_, response) => {
        const timer = setInterval(() => response.write('x'), 1_000);
        response.on('close', () => clearInterval(timer));
      },
      /within 2000 ms/,
    ],
    ['that say nothing', () => undefined, /within 2000 ms/],
    [
      'that never end',
      (_, response) => {
        const pour = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', pour);
        pour();
      },
      /at most 1000000 bytes/,
    ],
    [
      'that send round in circles',
      (_, response) => response.writeHead(302, { Location: '/again' }).end(),
      /more than 4 redirects/,
    ],
    [
      'that send to a file',
      (_, response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
      /expected an http: or https: URL/,
    ],
  ];
  it.each(failing)('%s', async (_, listener, reason) => {
    const { url, server: pictures } = await listen(listener);
    try {
      const [answer] = await responsesOf(await postJson(server.url, { requests: [{ image: url }] }));
      expect(answer!.error).toMatchObject({ code: 'IMAGE_FETCH_FAILED', desc: reason });
    } finally {
      pictures.closeAllConnections();
      pictures.close();
    }
  });
});

it('took no more memory for all of it than bodies and pictures of the allowed size do', async () => {
  const most = 600 * 2 ** 20;
  expect(await peak()).toBeLessThan(peakBefore + most);
});

const small = (format: 'jpeg' | 'webp') =>
  sharp(pathOf('sample1.jpg')).resize(320, 200).toFormat(format).toBuffer();

/** Whether a byte of a baseline JPEG is the high one of its height or width. */
function isFrameSize(jpeg: Uint8Array, at: number): boolean {
  const frame = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length).indexOf(Buffer.of(0xff, 0xc0));
  return at === frame + 5 || at === frame + 7;
}

function greyPng(width: number, height: number, chunks: readonly PngChunk[]): Uint8Array {
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header[8] = 8;
  return writeChunks([{ name: 'IHDR', data: header }, ...chunks, { name: 'IEND', data: new Uint8Array(0) }]);
}

/** The status of an answer to a JSON body that goes on for 200 MB, unless the server hangs up. */
function statusOf(length: Record<string, string>): Promise<number> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const headers = { Host: hostname, 'Content-Type': 'application/json', ...length };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const piece = Buffer.alloc(2 ** 20, ' ');
    const chunk =
      'Content-Length' in length
        ? piece
        : Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]);
    let left = 200;
    const pour = () => {
      while (left-- > 0 && !socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pour);
    socket.on('data', (data) => {
      resolve(Number(data.toString('latin1').slice(9, 12)));
      socket.destroy();
    });
    socket.on('error', reject);
    socket.write(`POST / HTTP/1.1\r\n${lines.join('')}\r\n`);
    pour();
  });
}

async function listen(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const pictures = createServer(listener);
  await new Promise<void>((resolve) => void pictures.listen(0, '127.0.0.1', resolve));
  return { server: pictures, url: `http://127.0.0.1:${(pictures.address() as AddressInfo).port}/` };
}
