import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveFolder } from '../../runtimes/browser/demo/serve.ts';
import type { Listening } from '../../src/cli/host.ts';
import { type Chromium, startChromium } from './chromium.ts';
import { PageDriver } from './page-driver.ts';

/** The camera is Chromium's own fake of one, which plays a video that is made here of a photograph. */
let folder: string;
let host: Listening;
let chromium: Chromium;
let driver: PageDriver;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-camera-'));
  const video = join(folder, 'camera.mjpeg');
  const frame = await sharp('node_modules/@vladmandic/face-api/demo/sample1.jpg')
    .resize(1280, 720, { fit: 'cover', position: 'top' })
    .jpeg({ quality: 92 })
    .toBuffer();
  await writeFile(video, Buffer.concat(Array(30).fill(frame)));
  host = await serveFolder('dist/demo', { host: '127.0.0.1', port: 0 }, true);
  chromium = await startChromium(
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${video}`,
  );
  driver = await PageDriver.open(chromium.context, host.url);
});
afterAll(async () => {
  await chromium?.close();
  await host?.close(0);
  await rm(folder, { recursive: true, force: true });
});

test('the camera is looked at frame by frame, and a photo of it is a picture', async () => {
  await driver.page.click('#camera');
  await driver.page.waitForFunction(() =>
    /[1-9].* faces\/s/.test(document.querySelector('#pace')?.textContent ?? ''),
  );
  expect(await driver.page.locator('#faces li').count()).toBeGreaterThan(0);
  expect(await driver.page.locator('.overlay g.face').count()).toBeGreaterThan(0);
  expect(await driver.accessibilityFaults()).toEqual([]);

  await driver.page.click('#photograph');
  await driver.page.waitForSelector('video', { state: 'detached' });
  const { faces } = await driver.answer();
  expect(faces.length).toBeGreaterThan(0);
  expect(faces[0]).toHaveProperty('facen');
  expect(await driver.page.isVisible('#pace')).toBe(false);
  expect(driver.faults).toEqual([]);
});

test('a camera that is stopped while a frame of it is waited for holds nothing up', async () => {
  await driver.page.click('#camera');
  await driver.page.waitForSelector('#pace:not(:empty)');
  await driver.page.evaluate(() => document.querySelector('video')?.pause());
  // The frames on their way are answered, and no more come.
  await driver.page.waitForTimeout(2_000);
  await driver.page.click('#camera');
  await driver.page.waitForSelector('#photograph', { state: 'hidden' });
  const { faces } = await driver.answerTo(() => driver.pickSample(1));
  expect(faces.length).toBeGreaterThan(0);
});
