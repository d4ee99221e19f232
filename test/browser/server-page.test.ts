import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { decodeFacen } from '../../runtimes/browser/page/facen.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';
import { type Chromium, startChromium } from './chromium.ts';
import { PageDriver } from './page-driver.ts';
import { keepScreenshot } from './screenshots.ts';

/** The page that our server sends: isolated, and with that server to compare with. One visit of it. */
let server: RunningServer;
let chromium: Chromium;
let driver: PageDriver;

beforeAll(async () => {
  server = await startProcess(process.execPath, 'dist/node/main.js')('model_instances: 1');
  chromium = await startChromium();
  driver = await PageDriver.open(chromium.context, server.url);
});
afterAll(async () => {
  await chromium?.close();
  await server?.stop();
});
afterEach(() => expect(driver.faults).toEqual([]));

test('an isolated page has threads, says so, and answers what the server answers', async () => {
  expect(await driver.page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await driver.engine()).toMatch(/threads? \(isolated page\).*WASM .*SIMD/);

  const here = await driver.answerTo(() => driver.pickSample(5));
  expect(await driver.page.textContent('#results-title')).toBe(`${here.faces.length} faces`);
  expect(await driver.page.locator('#faces li').count()).toBe(here.faces.length);
  expect(await driver.page.locator('.overlay g.face').count()).toBe(here.faces.length);
  await keepScreenshot(driver.page, 'desktop-light');

  const there = await driver.answerTo(() => driver.page.check('input[value=server]', { force: true }));
  expect(there.faces.length).toBe(here.faces.length);
  expect(here.faces.length).toBeGreaterThanOrEqual(5);
  for (const [index, face] of there.faces.entries()) {
    const twin = here.faces[index]!;
    // Sums are rounded in another order where a processor's fused multiply-add is used.
    for (const [side, pixels] of Object.entries(face.bbox)) {
      expect(Math.abs(twin.bbox[side as keyof typeof face.bbox] - pixels)).toBeLessThanOrEqual(2);
    }
    expect(Object.keys(twin)).toEqual(Object.keys(face));
    expect(cosine(decodeFacen(twin.facen!), decodeFacen(face.facen!))).toBeGreaterThanOrEqual(0.999);
  }
  const columns = await driver.page.locator('#timings thead th').allTextContents();
  expect(columns).toEqual(['Stage', 'This browser', 'Server']);
  await driver.answerTo(() => driver.page.check('input[value=browser]', { force: true }));
});

test('the answer to the curl command is the answer on the page', async () => {
  const shown = await driver.answerTo(() => driver.pickSample(1));
  const command = (await driver.page.textContent('#curl')) ?? '';
  const request = /-F 'request=(.*)' \\\n/.exec(command)![1]!;
  const body = new FormData();
  body.set('request', request);
  body.set('sample', new Blob([await sample(1)]));
  const answer = await (await fetch(server.url, { method: 'POST', body })).json();
  expect(Object.keys(answer.responses[0])).toEqual(Object.keys(shown));
  expect(answer.responses[0].faces.map(Object.keys)).toEqual(shown.faces.map(Object.keys));
});

test('faces of two pictures are compared with each other', async () => {
  await driver.page.click('#forget');
  const first = await driver.answerTo(() => driver.pickSample(1));
  const second = await driver.answerTo(() => driver.pickSample(2));
  const faces = first.faces.length + second.faces.length;
  expect(await driver.page.locator('.matrix tbody tr').count()).toBe(faces);
  const texts = await driver.page.locator('.matrix tbody td').allTextContents();
  const expected = cosine(decodeFacen(first.faces[0]!.facen!), decodeFacen(second.faces[0]!.facen!));
  expect(Number(texts[first.faces.length])).toBeCloseTo(expected, 1);
  await driver.page.click('#forget');
  expect(await driver.page.locator('.matrix').count()).toBe(0);
});

test('two pictures are compared in words', async () => {
  const { page } = driver;
  const choose = (slot: 1 | 2, number: number) =>
    page.setInputFiles(`#same-${slot} input`, `node_modules/@vladmandic/face-api/demo/sample${number}.jpg`);
  const verdict = async () => {
    await page.waitForFunction(() => document.querySelector('#same-answer strong'));
    return page.textContent('#same-answer strong');
  };
  await choose(1, 1);
  await choose(2, 1);
  expect(await verdict()).toBe('Yes, the same person');
  await choose(2, 2);
  await page.waitForFunction(() => !document.querySelector('#same-answer strong'));
  expect(await verdict()).toBe('No, different people');
  await page.setInputFiles('#same-1 input', 'README.md');
  await page.waitForFunction(() => document.querySelector('#same-1')?.textContent?.includes('decode'));
});

test('a region drawn with the mouse holds the faces that are found', async () => {
  const all = await driver.answerTo(() => driver.pickSample(5));
  await driver.page.evaluate(() => scrollTo(0, 0));
  const box = (await driver.page.locator('.overlay').boundingBox())!;
  const some = await driver.answerTo(async () => {
    await driver.page.mouse.move(box.x + 20, box.y + 20);
    await driver.page.mouse.down();
    await driver.page.mouse.move(box.x + box.width / 2, box.y + box.height - 20, { steps: 4 });
    await driver.page.mouse.up();
  });
  expect(some.faces.length).toBeLessThan(all.faces.length);
  expect(some.faces.length).toBeGreaterThan(0);
  const right = Number(await driver.page.inputValue('#roi-right'));
  for (const { bbox } of some.faces) expect(bbox.right).toBeLessThanOrEqual(right);
  const again = await driver.answerTo(() => driver.page.click('#whole'));
  expect(again.faces.length).toBe(all.faces.length);
  expect(await driver.page.isVisible('#whole')).toBe(false);
});

test('turned pictures are understood with auto-rotation, quality being the score', async () => {
  const upright = await driver.answerTo(() => driver.pickSample(1));
  const rotated = await driver.answerTo(() => driver.page.check('[name=auto_rotate]'));
  expect(rotated.error).toBeUndefined();
  expect(rotated.faces.length).toBe(upright.faces.length);
  for (const face of rotated.faces) expect(face.detection_score).toBe(face.quality);
  await driver.answerTo(() => driver.page.uncheck('[name=auto_rotate]'));
});

test('pictures can be pasted and dropped', async () => {
  const data = (await sample(1)).toString('base64');
  for (const kind of ['paste', 'drop'] as const) {
    const { faces } = await driver.answerTo(() =>
      driver.page.evaluate(
        ([event, base64]) => {
          const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], 'mine.jpg', { type: 'image/jpeg' }));
          document.dispatchEvent(
            event === 'paste'
              ? new ClipboardEvent('paste', { clipboardData: transfer })
              : new DragEvent('drop', { dataTransfer: transfer, cancelable: true }),
          );
        },
        [kind, data] as const,
      ),
    );
    expect(faces.length).toBeGreaterThan(0);
    expect(await driver.page.textContent('#curl')).toContain('sample=@mine.jpg');
  }
});

test('a broken picture is named as such, and the next one is answered', async () => {
  const whole = await sample(1);
  const { error } = await driver.answerTo(() => chooseFile('broken.jpg', whole.subarray(0, 5_000)));
  expect(error?.code).toBe('IMAGE_DECODING_FAILED');
  expect(await driver.page.textContent('#problem')).toContain(error?.desc);
  expect(await driver.page.textContent('#problem code')).toBe(error?.code);
  const { faces } = await driver.answerTo(() => chooseFile('whole.jpg', whole));
  expect(faces.length).toBeGreaterThan(0);
  expect(await driver.page.isVisible('#problem')).toBe(false);
});

test('what is missing of a picture is told beside its faces', async () => {
  const whole = await sample(1);
  const cut = whole.subarray(0, Math.round(0.8 * whole.length));
  const { faces, warnings } = await driver.answerTo(() => chooseFile('cut.jpg', cut));
  expect(faces.length).toBeGreaterThan(0);
  expect(warnings?.[0]).toMatch(/missing or damaged/);
  expect(await driver.page.textContent('#problem')).toMatch(/missing or damaged/);
  await driver.answerTo(() => chooseFile('whole.jpg', whole));
  expect(await driver.page.isVisible('#problem')).toBe(false);
});

test('everything can be reached with the keyboard, and axe finds nothing serious', async () => {
  await driver.page.reload();
  expect(await driver.accessibilityFaults()).toEqual([]);
  await driver.answer();
  await driver.page.focus('#samples li:nth-child(5) button');
  await driver.answerTo(() => driver.page.keyboard.press('Enter'));
  expect(await driver.accessibilityFaults()).toEqual([]);

  await driver.page.emulateMedia({ colorScheme: 'dark' });
  expect(await driver.accessibilityFaults()).toEqual([]);
  await keepScreenshot(driver.page, 'desktop-dark');

  await driver.page.setViewportSize({ width: 390, height: 844 });
  expect(await driver.accessibilityFaults()).toEqual([]);
  expect(await driver.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await driver.page.emulateMedia({ colorScheme: 'light' });
  // A phone begins with it closed.
  await driver.page.click('#panel summary');
  await keepScreenshot(driver.page, 'phone');
});

async function chooseFile(name: string, buffer: Buffer): Promise<void> {
  await driver.page.setInputFiles('#file', { name, mimeType: 'image/jpeg', buffer });
}

const sample = (number: number) => readFile(`node_modules/@vladmandic/face-api/demo/sample${number}.jpg`);

function cosine(first: Float32Array, second: Float32Array): number {
  return first.reduce((sum, value, index) => sum + value * second[index]!, 0);
}
