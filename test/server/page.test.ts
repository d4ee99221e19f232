import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveHttp } from '../../runtimes/node-api/serve.ts';
import type { Listening } from '../../src/cli/host.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silent } from '../../src/log.ts';
import { createApp } from '../../src/server/app.ts';
import { fakeEngine } from './fake-engine.ts';

/** The built page over a socket; the engine behind it is a fake, for none is needed. */
let service: Listening;
const asked: string[] = [];

beforeAll(async () => {
  const app = createApp({
    engine: fakeEngine(),
    config: loadConfig({ name: 'test', text: '' }).config,
    log: silent,
    readAsset: (name) => {
      asked.push(name);
      return readFile(`dist/assets/${name}`);
    },
  });
  service = await serveHttp(app.fetch, { host: '127.0.0.1', port: 0 });
});
afterAll(() => service.close(0));

const get = (path: string, headers: Record<string, string> = {}) => fetch(service.url + path, { headers });

/** What Chromium sends for a page. */
const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8' };

test('a browser gets the page, isolated and under a strict policy', async () => {
  const page = await get('', browser);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('vary')).toBe('Accept');
  expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/);
});

test('whoever wants no HTML is told what POST is for, as ever', async () => {
  for (const accept of ['*/*', 'application/json', '']) {
    const answer = await get('', { Accept: accept });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await answer.json()).error.code).toBe('METHOD_NOT_ALLOWED');
  }
});

test('everything that the page refers to is there, of the right type', async () => {
  const html = await (await get('', browser)).text();
  const paths = [...html.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThanOrEqual(4);
  for (const path of [...paths, 'sw.js', 'page/engine-worker.js', 'page/samples/sample1.jpg']) {
    const file = await get(path);
    expect([path, file.status]).toEqual([path, 200]);
    expect(file.headers.get('content-type')).not.toBe('application/octet-stream');
    expect(file.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  }
});

test('networks are kept for good under their digest, the page is asked for again', async () => {
  const weights = await get('assets/networks/face-recognition/model.onnx?v=1');
  expect(weights.headers.get('cache-control')).toContain('immutable');
  expect((await weights.arrayBuffer()).byteLength).toBeGreaterThan(1e6);
  expect((await get('assets/networks/face-recognition/model.onnx')).headers.get('cache-control')).toBe(
    'no-cache',
  );

  const style = await get('page/style.css');
  const again = await get('page/style.css', { 'If-None-Match': style.headers.get('etag') ?? '' });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('a file is sent compressed to whoever takes that, each form under a tag of its own', async () => {
  const tags = new Set<string | null>();
  for (const [accepted, coding] of [
    ['br, gzip', 'br'],
    ['gzip;q=0.5, br;q=0', 'gzip'],
    ['*', 'br'],
    ['identity', null],
    ['', null],
  ] as const) {
    const file = await get('page/main.js', { 'Accept-Encoding': accepted });
    expect([accepted, file.headers.get('content-encoding')]).toEqual([accepted, coding]);
    expect(file.headers.get('vary')).toBe('Accept-Encoding');
    expect(await file.text()).toBe(await readFile('dist/assets/page/main.js', 'utf8'));
    tags.add(file.headers.get('etag'));
  }
  expect(tags.size).toBe(3);
});

test('parts of a file are sent, of the file that was meant', async () => {
  const whole = await readFile('dist/assets/page/style.css', 'utf8');
  const size = Buffer.byteLength(whole);
  const tag = (await get('page/style.css', { 'Accept-Encoding': 'identity' })).headers.get('etag')!;
  for (const [range, condition, status, text] of [
    ['bytes=5-10', undefined, 206, whole.slice(5, 11)],
    ['bytes=-7', undefined, 206, whole.slice(-7)],
    [`bytes=${size - 3}-`, tag, 206, whole.slice(-3)],
    [`bytes=0-${size + 9}`, undefined, 206, whole],
    ['bytes=5-10', '"another"', 200, whole],
    ['bytes=1-2,4-5', undefined, 200, whole],
    ['bytes=9-5', undefined, 200, whole],
    ['lines=1-2', undefined, 200, whole],
    [`bytes=${size}-`, undefined, 416, ''],
    ['bytes=-0', undefined, 416, ''],
  ] as const) {
    const answer = await get('page/style.css', { Range: range, ...(condition && { 'If-Range': condition }) });
    expect([range, answer.status, await answer.text()]).toEqual([range, status, text]);
    if (status === 416) expect(answer.headers.get('content-range')).toBe(`bytes */${size}`);
  }
  const head = await fetch(`${service.url}page/style.css`, {
    method: 'HEAD',
    headers: { Range: 'bytes=0-1' },
  });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1_000);
  for (const tags of ['*', `"x", W/${tag}`]) {
    const again = await get('page/style.css', { 'If-None-Match': tags, 'Accept-Encoding': 'identity' });
    expect([again.status, again.headers.get('etag')]).toEqual([304, tag]);
  }
});

test('however many read a file at once, it is read once', async () => {
  asked.length = 0;
  const bodies = await Promise.all(
    Array.from({ length: 20 }, async () => (await get('assets/networks/faceres/model.onnx')).arrayBuffer()),
  );
  expect(new Set(bodies.map((body) => body.byteLength)).size).toBe(1);
  expect(asked).toEqual(['networks/faceres/model.onnx']);
});

test('nothing else can be read', async () => {
  asked.length = 0;
  const paths = [
    'page/../networks/faceres/model.onnx',
    'page/%2e%2e/networks/faceres/model.onnx',
    'page/..%2f..%2fnode%2fmain.js',
    'assets/page/index.html',
    'assets/../node/main.js',
    'assets//etc/passwd',
    'page/.hidden',
    'page/',
    'page/none.js',
  ];
  for (const path of paths) expect([path, (await get(path)).status]).toEqual([path, 404]);
  expect(asked).toEqual(['page/none.js']);
  const post = await fetch(`${service.url}page/style.css`, { method: 'POST' });
  expect(post.status).toBe(404);
});
