import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveFolder } from '../../build/demo/serve.ts';
import type { Listening } from '../../src/cli/host.ts';
import { type Chromium, startChromium } from './chromium.ts';
import { PageDriver } from './page-driver.ts';
import { keepScreenshot } from './screenshots.ts';

/** The camera is Chromium's own fake of one, which plays a video that is made here of a photograph. */
let folder: string;
let host: Listening;
let chromium: Chromium;
let driver: PageDriver;

/** `MEASURE_CAMERA=10 npm run test:browser -- camera` measures for ten seconds, and prints what it saw. */
const measured = Number(process.env.MEASURE_CAMERA ?? 0);

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

test('the camera is looked at by the fast detector, and says how often', async () => {
  await startCamera();
  expect(await driver.page.isChecked('[value=legacy]')).toBe(true);
  expect(await driver.page.locator('#faces li').count()).toBeGreaterThan(0);
  expect(await driver.page.locator('.overlay g.face').count()).toBeGreaterThan(0);
  // What is loaded last is loaded, and the line about the engine is back.
  expect(await driver.engine()).toContain('isolated page');
  expect(await driver.accessibilityFaults()).toEqual([]);
  await keepScreenshot(driver.page, 'camera');
});

test('the video goes on while the engine does not answer, and frames of that time are left out', async () => {
  const before = await countFrames();
  await stopThreads(3_000);
  const { shown, painted, photographs } = await countFrames();
  expect(shown - before.shown).toBeGreaterThan(10);
  expect(painted - before.painted).toBeGreaterThan(10);
  // Of some ninety frames; of two calls at a time, each may have been answered a few times before the threads stood still.
  expect(photographs - before.photographs).toBeLessThanOrEqual(8);
  // It goes on with what the camera shows then.
  await driver.page.waitForFunction(
    (known) => (globalThis as unknown as Counters).photographs > known,
    photographs,
  );
});

test('a photo of the camera is a picture, which the accurate detector looks at', async () => {
  const { faces } = await driver.answerTo(async () => {
    await driver.page.click('#photograph');
    await driver.page.waitForSelector('video', { state: 'detached' });
  });
  expect(faces.length).toBeGreaterThan(0);
  expect(faces[0]).toHaveProperty('facen');
  expect(await driver.page.isChecked('[value=nnd]')).toBe(true);
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
  await driver.page.waitForSelector('#invitation');
  expect(await driver.page.locator('#faces li').count()).toBe(0);
  const { faces } = await driver.answerTo(() => driver.pickSample(1));
  expect(faces.length).toBeGreaterThan(0);
});

test.runIf(measured)('the paces of painting and looking, as measured', async () => {
  await driver.page.reload();
  await driver.engine();
  await startCamera();
  await driver.page.waitForTimeout(2_000);
  const before = await countFrames();
  await driver.page.waitForTimeout(measured * 1_000);
  const after = await countFrames();
  const rate = (name: keyof Counters) =>
    ((1_000 * (after[name] - before[name])) / (after.at - before.at)).toFixed(1);
  console.log(
    `${await driver.page.textContent('#engine-facts')}\nevery second: ${rate('painted')} paintings of the page, ` +
      `${rate('shown')} frames of the camera, ${rate('photographs')} frames looked at\n` +
      `the page says: ${await driver.page.textContent('#pace')}`,
  );
  await driver.page.click('#camera');
});

/** Resolves when the camera has been looked at several times and described. */
async function startCamera(): Promise<void> {
  await driver.page.click('#camera');
  await driver.page.waitForFunction(
    () =>
      document.querySelector('#faces .emotions') &&
      /[1-9].* faces\/s/.test(document.querySelector('#pace')?.textContent ?? ''),
  );
}

/** Counted in the page since they were first asked for. */
interface Counters {
  at: number;
  /** Paintings of the page. */
  painted: number;
  /** Frames of the camera that were shown. */
  shown: number;
  /** Frames that were taken to be looked at. */
  photographs: number;
}

function countFrames(): Promise<Counters> {
  return driver.page.evaluate(() => {
    const counters = globalThis as unknown as Counters;
    if (counters.painted === undefined) {
      counters.painted = 0;
      counters.photographs = 0;
      const count = () => {
        counters.painted++;
        requestAnimationFrame(count);
      };
      count();
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (...parameters) {
        counters.photographs++;
        toBlob.apply(this, parameters);
      };
    }
    const shown = document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    const { painted, photographs } = counters;
    return { at: performance.now(), painted, shown, photographs };
  });
}

/** Lets every thread of the engine stand still for so many milliseconds. */
async function stopThreads(milliseconds: number): Promise<void> {
  const stopped = driver.page
    .workers()
    .map((worker) =>
      worker.evaluate(
        (time) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time),
        milliseconds,
      ),
    );
  expect(stopped.length).toBeGreaterThan(0);
  await Promise.all(stopped);
}
