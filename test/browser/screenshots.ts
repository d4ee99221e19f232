import { join } from 'node:path';
import process from 'node:process';
import type { Page } from 'playwright-core';

/** `SCREENSHOTS=docs/screenshots npm run test:browser` renews those of the README. */
const folder = process.env.SCREENSHOTS ?? 'dist/screenshots';

export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(() => {
    scrollTo(0, 0);
    (document.activeElement as HTMLElement | null)?.blur();
  });
  // One picture is shown; the others need not be.
  const showSamples = (shown: boolean) =>
    page.evaluate((hidden) => document.querySelector('#samples')!.toggleAttribute('hidden', hidden), !shown);
  await showSamples(false);
  // What playwright would do besides needs inline styles, which the policy of the page forbids.
  const path = join(folder, `${name}.jpg`);
  await page.screenshot({ path, type: 'jpeg', quality: 85, caret: 'initial' });
  await showSamples(true);
}
