import { copyFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'rolldown';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A copy of dist/ far from any node_modules. */
    bare: string;
  }
}

/** Copies what was built to a place where nothing but it can be found. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bare = await mkdtemp(join(tmpdir(), 'phiz-bare-'));
  await cp('dist', bare, { recursive: true, filter: (path) => !/^dist[\\/](bench|bin|test)/.test(path) });
  await build({
    input: {
      probe: 'test/runtimes/probe.ts',
      'fake-worker': 'test/pool/fake-worker.ts',
      'fake-web-worker': 'test/runtimes/fake-web-worker.ts',
    },
    platform: 'node',
    output: { dir: join(bare, 'probe'), format: 'esm' },
  });
  const single = process.platform === 'win32' ? 'phiz.exe' : 'phiz';
  await mkdir(join(bare, 'alone'));
  await copyFile(join('dist/bin', single), join(bare, 'alone', single));
  project.provide('bare', bare);
  return () => rm(bare, { recursive: true });
}
