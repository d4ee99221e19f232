import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import type { WireFace } from '../../src/server/answer-schema.ts';
import { faceCounts, pathOf, samples } from '../contract/samples.ts';
import { foreign, packageFor } from './debian-packages.ts';
import { foreignRoot, whyNoDebian } from './debian-root.ts';

const withoutEmulator = whyNoDebian('dpkg-deb', foreign.emulator);
if (withoutEmulator) console.warn(`skipped, the Debian package for ${foreign.name}: ${withoutEmulator}`);

describe.skipIf(withoutEmulator)(`the Debian package for ${foreign.name}, on an emulator`, () => {
  it('runs on what it depends on, and gives the faces and vectors that this machine gives', async () => {
    const file = packageFor(foreign.name);
    expect(execFileSync('dpkg-deb', ['-f', file, 'Architecture'], { encoding: 'utf8' }).trim()).toBe(
      foreign.name,
    );
    const depends = execFileSync('dpkg-deb', ['-f', file, 'Depends'], { encoding: 'utf8' });
    const root = await foreignRoot(
      foreign.name,
      depends.split(',').map((each) => each.trim().split(' ', 1)[0]!),
    );
    try {
      execFileSync('dpkg-deb', ['-x', file, root]);
      const facesOf = (program: string, ...args: string[]) =>
        execFileSync(program, [...args, 'extract', ...samples.map(pathOf), '--set', 'model_instances=1'], {
          encoding: 'utf8',
          maxBuffer: 2 ** 26,
        })
          .trim()
          .split('\n')
          .flatMap((line) => (JSON.parse(line) as { faces: WireFace[] }).faces)
          // Vectors are stored for years and compared with those of any machine: the same bits.
          .map(({ bbox, facen, gender, age }) => [bbox, facen, gender?.gender, age?.toFixed(1)]);
      const found = facesOf(foreign.emulator, '-L', root, join(root, 'usr/bin/phiz'));
      expect(found).toHaveLength(samples.reduce((sum, sample) => sum + faceCounts[sample], 0));
      expect(found).toEqual(facesOf(process.execPath, 'dist/node/main.js'));
    } finally {
      await rm(root, { recursive: true });
    }
  }, 900_000);
});
