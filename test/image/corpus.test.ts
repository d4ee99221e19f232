import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathOf } from '../contract/samples.ts';
import { asImageMagickReads, corpus, makeCorpus, programs, usualTolerance } from './corpus.ts';
import { decoded, difference, independently } from './independent.ts';

const installed = (program: string) => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const lacking = Object.keys(programs).filter((program) => !installed(program));
// Where everything must hold, everything is there: see .ci/run.
if (lacking.length > 0 && process.env.CI) throw new Error(`install ${lacking.map((each) => programs[each])}`);

describe.skipIf(lacking.length > 0)(
  'files of other programs are read as ImageMagick and libvips read them',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'phiz-corpus-'));
    beforeAll(() => makeCorpus(folder, pathOf('sample1.jpg')), 300_000);
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each(corpus.map((file) => [file.name, file] as const))('%s', async (_, file) => {
      const bytes = new Uint8Array(await readFile(join(folder, file.name)));
      // ImageMagick loses an AVIF's alpha; libvips reads it by libheif.
      const theirs = file.name.endsWith('.avif')
        ? await independently(bytes)
        : asImageMagickReads(folder, file);
      const { mean } = difference(await decoded(bytes), theirs);
      expect(mean).toBeLessThan(file.tolerance ?? usualTolerance);
    });
  },
);
