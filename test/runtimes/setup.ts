import { copyFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'rolldown';
import type { TestProject } from 'vitest/node';
import { singleFile } from './runtimes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A copy of dist/ far from any node_modules. */
    bare: string;
    /** A folder with the single file and nothing else. */
    alone: string;
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
  const alone = join(bare, 'alone');
  await mkdir(alone);
  await copyFile(...(['dist/bin', alone].map((folder) => singleFile(folder)[0]) as [string, string]));
  project.provide('alone', alone);
  project.provide('bare', bare);
  return () => rm(bare, { recursive: true });
}
