import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

/** Debian's Chromium, or another that the environment names. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is no secure context, unlike 127.0.0.1.
  '--host-resolver-rules=MAP phiz.test 127.0.0.1',
];

/** A real Chromium of its own, with nothing from before. */
export interface Chromium {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export async function startChromium(...args: readonly string[]): Promise<Chromium> {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-chromium-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: [...quiet, ...args],
    viewport: { width: 1440, height: 1000 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // A busy machine takes its time.
  context.setDefaultTimeout(200_000);
  return {
    context,
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
