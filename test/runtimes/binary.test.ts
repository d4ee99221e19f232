import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { pathOf } from '../contract/samples.ts';
import { singleFile } from './runtimes.ts';

// That it serves and answers as the others do: see contract.test.ts and agreement.test.ts.
it('the single file runs alone in a folder, with no environment', async () => {
  const [phiz] = singleFile(inject('alone'));
  const cwd = dirname(phiz);
  const files = await readdir(cwd);
  expect(files).toHaveLength(1);
  const run = (...args: string[]) => promisify(execFile)(phiz, args, { cwd, env: {} });

  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  expect((await run('--version')).stdout.trim()).toBe(version);
  const { stdout } = await run('extract', pathOf('sample1.jpg'), '--need', 'age');
  expect((JSON.parse(stdout) as { faces: unknown[] }).faces).toHaveLength(3);
  expect(await readdir(cwd)).toEqual(files);
});
