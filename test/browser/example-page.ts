import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startChromium } from './chromium.ts';

/** The page of examples/browser.html in Chromium, as examples/browser.mjs serves it. */
export async function withExamplePage(use: (page: Page) => Promise<void>): Promise<void> {
  const example = fileURLToPath(new URL('../../examples/browser.mjs', import.meta.url));
  const server = spawn(process.execPath, [example, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chromium = await startChromium();
  try {
    const [line] = await once(server.stdout, 'data');
    const page = await chromium.context.newPage();
    await page.goto(String(line).trim());
    await use(page);
  } finally {
    await chromium.close();
    server.kill();
  }
}
