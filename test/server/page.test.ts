import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../../runtimes/node-api/serve.ts';
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
  service = await serve(app.fetch, { host: '127.0.0.1', port: 0 });
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
