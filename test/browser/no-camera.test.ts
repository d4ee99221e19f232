import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { serveFolder } from '../../build/demo/serve.ts';
import type { Listening } from '../../src/cli/host.ts';
import { type Chromium, startChromium } from './chromium.ts';

/** Cameras that cannot be used: the page says what to do. */
let host: Listening;
let chromium: Chromium | undefined;

beforeAll(async () => {
  host = await serveFolder('dist/demo', { host: '127.0.0.1', port: 0 }, true);
});
afterEach(async () => {
  await chromium?.close();
  chromium = undefined;
});
afterAll(() => host?.close(0));

/** The sentence that the page shows when its camera button is pressed. */
async function problemWith(args: readonly string[], script?: () => void): Promise<string | null> {
  chromium = await startChromium(...args);
  const page = await chromium.context.newPage();
  if (script) await page.addInitScript(script);
  await page.goto(host.url);
  await page.click('#camera');
  await page.waitForSelector('#problem:not([hidden])');
  return page.textContent('#problem');
}

test('a camera that is refused is to be allowed', async () => {
  // Nobody answers Chromium's question here, which is a refusal.
  expect(await problemWith(['--use-fake-device-for-media-stream'])).toContain('Allow it by the icon');
});

test('where there is no camera, one is to be plugged in', async () => {
  const none = '--use-fake-device-for-media-stream=device-count=0';
  expect(await problemWith(['--use-fake-ui-for-media-stream', none])).toContain('There is no camera');
});

test('a camera that does not start may be in use', async () => {
  // Chromium's fake of a camera always starts.
  const inUse = () => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'));
  };
  expect(await problemWith([], inUse)).toContain('another program may be using it');
});
