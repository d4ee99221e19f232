import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { faceCounts, pathOf } from '../contract/samples.ts';
import { startChromium } from './chromium.ts';

it('examples/browser.html describes the faces of a picture that is chosen', async () => {
  const example = fileURLToPath(new URL('../../examples/browser.mjs', import.meta.url));
  const server = spawn(process.execPath, [example, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chromium = await startChromium();
  try {
    const [line] = await once(server.stdout, 'data');
    const page = await chromium.context.newPage();
    await page.goto(String(line).trim());
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    await page.locator('input:enabled').setInputFiles(pathOf('sample1.jpg'));
    await page.waitForFunction(() => document.querySelector('pre')?.textContent);
    const lines = (await page.textContent('pre'))!.split('\n');
    expect(lines).toHaveLength(faceCounts['sample1.jpg']);
    for (const each of lines) expect(each).toMatch(/^(fe)?male, about \d+, \w+$/);
  } finally {
    await chromium.close();
    server.kill();
  }
});
