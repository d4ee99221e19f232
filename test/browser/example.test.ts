import { expect, it } from 'vitest';
import { faceCounts, pathOf } from '../contract/samples.ts';
import { withExamplePage } from './example-page.ts';

it('examples/browser.html describes the faces of a picture that is chosen', () =>
  withExamplePage(async (page) => {
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    await page.locator('input:enabled').setInputFiles(pathOf('sample1.jpg'));
    await page.waitForFunction(() => document.querySelector('pre')?.textContent);
    const lines = (await page.textContent('pre'))!.split('\n');
    expect(lines).toHaveLength(faceCounts['sample1.jpg']);
    for (const each of lines) expect(each).toMatch(/^(fe)?male, about \d+, \w+$/);
  }));
