import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveFolder } from '../../build/demo/serve.ts';
import type { Listening } from '../../src/cli/host.ts';
import { asHeic, oneOfEach } from '../image/one-of-each.ts';
import { type Chromium, startChromium } from './chromium.ts';
import { PageDriver } from './page-driver.ts';

/** The page from a host that knows nothing of phiz and sends no headers. */
let host: Listening | undefined;
let chromium: Chromium;
let driver: PageDriver;

beforeEach(async () => {
  host = await serveFolder('dist/demo', { host: '127.0.0.1', port: 0 }, false);
  // The last two: a GPU in software, where the machine has none.
  chromium = await startChromium('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
  driver = await PageDriver.open(chromium.context, host.url);
});
afterEach(async () => {
  await chromium.close();
  await host?.close(0);
});

test('a page that is not isolated computes in one thread, and works once its host is gone', async () => {
  expect(await driver.page.evaluate(() => crossOriginIsolated)).toBe(false);
  expect(await driver.engine()).toContain('1 thread (page not isolated, so one thread only)');
  expect(await driver.page.isDisabled('input[value=server]')).toBe(true);
  const online = await driver.answerTo(() => driver.pickSample(1));
  expect(online.faces.length).toBeGreaterThan(0);
  await driver.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  expect(driver.faults).toEqual([]);

  const { url } = host!;
  await host!.close(0);
  host = undefined;
  await expect(fetch(url)).rejects.toThrow();

  await driver.page.reload();
  await driver.engine();
  const offline = await driver.answerTo(() => driver.pickSample(1));
  expect(offline.faces.map(({ bbox, facen }) => [bbox, facen])).toEqual(
    online.faces.map(({ bbox, facen }) => [bbox, facen]),
  );
});

test('a page over plain HTTP computes without what browsers keep for secure ones', async () => {
  await driver.page.goto(host!.url.replace('127.0.0.1', 'phiz.test'));
  expect(await driver.page.evaluate(() => [isSecureContext, 'caches' in globalThis])).toEqual([false, false]);
  const { faces } = await driver.answerTo(() => driver.pickSample(1));
  expect(faces.length).toBeGreaterThan(0);
  await driver.page.click('#camera');
  await driver.page.waitForSelector('#problem:not([hidden])');
  expect(await driver.page.textContent('#problem')).toContain('over HTTPS');
});

test('onnxruntime-web gives the same faces as our kernels', async () => {
  const kernels = await driver.answerTo(() => driver.pickSample(1));
  const { faces } = await driver.answerTo(() => driver.page.selectOption('[name=backend]', 'onnxruntime'));
  expect(await driver.page.textContent('#engine-facts')).toContain('onnxruntime-web');
  expect(faces.length).toBe(kernels.faces.length);
});

test('WebGPU gives the same age as our kernels', async () => {
  // The whole picture as one face, and the smallest network: the GPU is a slow imitation.
  await driver.page.check('[value=prenormalized]');
  for (const need of await driver.page.locator('[name^=need_]:not([name=need_age])').all())
    await need.uncheck();
  const kernels = await driver.answerTo(() => driver.pickSample(1));
  const gpu = await driver.answerTo(() => driver.page.selectOption('[name=backend]', 'webgpu'));
  expect(await driver.page.textContent('#engine-facts')).toContain('WebGPU');
  expect(gpu.faces[0]!.age).toBeCloseTo(kernels.faces[0]!.age!, 0);
  expect(driver.faults).toEqual([]);
});

test('where the host has left WebGPU out, the page says so and goes on with the rest', async () => {
  await driver.page.route('**/onnxruntime-webgpu.*', (route) => route.fulfill({ status: 404 }));
  await driver.page.selectOption('[name=backend]', 'webgpu');
  await driver.page.waitForSelector('#problem:not([hidden])');
  expect(await driver.page.textContent('#problem')).toContain(
    'onnxruntime-webgpu.wasm: the server answers 404',
  );
  const { faces } = await driver.answerTo(() => driver.page.selectOption('[name=backend]', 'kernels'));
  expect(faces.length).toBeGreaterThan(0);
  expect(await driver.page.isHidden('#problem')).toBe(true);
});

test('every format is read in the page, and HEIC is named, which Chromium does not know', async () => {
  const files = await oneOfEach();
  await driver.engine();
  let reference: number | undefined;
  for (const [name, bytes] of files) {
    const { faces, error } = await driver.answerTo(() => driver.choose(name, bytes));
    expect([name, error]).toEqual([name, undefined]);
    reference ??= faces.length;
    expect([name, faces.length]).toEqual([name, reference]);
  }
  expect(reference).toBeGreaterThan(0);
  const heic = await asHeic();
  if (!heic) return;
  const { error } = await driver.answerTo(() => driver.choose('photo.heic', heic));
  expect(error?.desc).toContain('a HEIC picture');
});
