import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phiz, photographs } from './phiz.ts';

/** Faces on sample1.jpg to sample6.jpg. */
const facesOnSamples = [3, 3, 3, 4, 5, 4];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('phiz extract', () => {
  test('finds the 22 faces of the six photographs and nothing else', async () => {
    const files = facesOnSamples.map((_, index) => `${photographs}/sample${index + 1}.jpg`);
    const { lines, stderr, code } = await phiz('extract', '--need', 'age', ...files);
    expect(code).toBe(0);
    expect(lines().map(({ file }) => file)).toEqual(files);
    expect(lines().map(({ faces }) => faces.length)).toEqual(facesOnSamples);
    // A pipe gets no progress bar.
    expect(stderr).toBe('');
  });

  test('says which picture failed and why, and does the others', async () => {
    await writeFile(join(folder, 'broken.jpg'), 'no picture at all');
    const { lines, code } = await phiz('extract', join(folder, 'broken.jpg'), `${photographs}/sample1.jpg`);
    const [broken, fine] = lines();
    expect(code).toBe(1);
    expect(broken?.error?.code).toBe('IMAGE_DECODING_FAILED');
    expect(broken?.faces).toEqual([]);
    expect(fine?.faces).toHaveLength(3);
  });

  test('writes annotated pictures: changed at the faces, not elsewhere', async () => {
    const { lines } = await phiz('extract', '--annotate', folder, `${photographs}/sample1.jpg`);
    expect(await readdir(folder)).toContain('sample1.jpg.png');
    const [drawn, plain] = await Promise.all(
      [join(folder, 'sample1.jpg.png'), `${photographs}/sample1.jpg`].map(async (file) =>
        sharp(await readFile(file))
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true }),
      ),
    );
    const { width, height } = drawn!.info;
    expect([width, height]).toEqual([plain!.info.width, plain!.info.height]);
    /** Over the three channels of a pixel. */
    const difference = (x: number, y: number) => {
      const at = 3 * (y * width + x);
      return [0, 1, 2].reduce((sum, c) => sum + Math.abs(drawn!.data[at + c]! - plain!.data[at + c]!), 0);
    };
    const { left, top, right, bottom } = lines()[0]!.faces[0]!.bbox as Record<string, number>;
    expect(difference(Math.round((left! + right!) / 2), bottom! - 1)).toBeGreaterThan(60);
    expect(difference(left!, Math.round((top! + bottom!) / 2))).toBeGreaterThan(60);
    for (const [x, y] of [
      [5, 5],
      [width - 5, 5],
      [5, height - 5],
    ] as const) {
      expect(difference(x, y)).toBeLessThan(30);
    }
  });

  test('explains how each picture is looked at', async () => {
    const explained = async (...flags: string[]) =>
      (await phiz('extract', '--explain', ...flags, `${photographs}/sample1.jpg`)).stderr
        .trimEnd()
        .split('\n');
    const [head, ...plan] = await explained();
    expect(head).toBe(`${photographs}/sample1.jpg, 1920×1280:`);
    expect(plan[0]).toMatch(/^ {2}faces of 30 to \d+ px: scale 0\.\d+, 1 pass of \d+×\d+$/);
    expect(plan.at(-5)).toMatch(
      /^ {2}faces of \d+ to \d+ px: scale 0\.\d+, 1 pass of 160×\d+ by the second network$/,
    );
    expect(plan.at(-4)).toMatch(/^ {2}in all \d\.\d+ million input pixels$/);
    expect(plan.slice(-3)).toEqual([
      '  each find of the first network again: 48×48 around 28 px',
      '  each find again by the second: 96×96 around 48 px, or 160×160 around 80 px where it fills the picture',
      '  what is left by the third network: 112×112 around 51 px, where they disagree also 144×144 around 102 px',
    ]);
    // The light detector looks once, and nothing confirms what it finds.
    const light = await explained('--detector', 'legacy');
    expect(light).toHaveLength(3);
    expect(light[1]).toContain('1 pass of 256×');
    expect(light[2]).toContain('million input pixels');
  });

  test('what has no end is no picture, a folder no output and a file no folder; the rest goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'phiz-extract-'));
    const endless = join(folder, 'endless.jpg');
    await writeFile(endless, '');
    await truncate(endless, 2 ** 31);
    const photograph = `${photographs}/sample1.jpg`;
    const [large, good] = (await phiz('extract', '--need', 'age', endless, photograph)).lines();
    expect(large!.error!.desc).toContain('more than 1 GB');
    expect(good!.faces).toHaveLength(3);
    expect((await phiz('extract', '--out', folder, photograph)).stderr).toBe(
      `phiz: ${folder} is a folder: name a file in it\n`,
    );
    expect((await phiz('extract', '--annotate', endless, photograph)).stderr).toContain(
      'is a file: annotated',
    );
    await rm(folder, { recursive: true });
  });

  // Node's own way to make a folder and those around it never ends there.
  test('a folder that takes no folders is told of', async () => {
    const [line] = (await phiz('extract', '--annotate', '/proc/drawn', `${photographs}/sample1.jpg`)).lines();
    expect(line!.error!.desc).toBe('/proc/drawn/sample1.jpg.png: there is no such file or folder');
  });

  test('a mistake on the command line is answered with what was expected', async () => {
    // What follows a flag's one value is a picture again.
    const after = await phiz('extract', '--set', 'model_instances=1', '--set', 'log_level=warn', 'x.jpg');
    expect(after.lines()).toMatchObject([{ file: 'x.jpg', error: { code: 'IMAGE_FETCH_FAILED' } }]);
    const { stderr, code } = await phiz('extract', '--need', 'age,beauty', 'x.jpg');
    expect(code).not.toBe(0);
    expect(stderr).toContain('"beauty" is none of facen, gender, age');
    expect((await phiz('extract')).stderr).toContain('expected a path, or --list');
  });
});
