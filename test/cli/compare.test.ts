import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { phiz, photographs } from './phiz.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-'));
});
afterAll(() => rm(folder, { recursive: true }));

const group = `${photographs}/sample6.jpg`;

test('finds the person of one picture in another', async () => {
  const [{ faces } = { faces: [] }] = (await phiz('extract', '--need', 'age', group)).lines();
  const [wanted] = faces;
  const { left, top, right, bottom } = wanted!.bbox as Record<'left' | 'top' | 'right' | 'bottom', number>;
  const portrait = join(folder, 'portrait.jpg');
  const margin = Math.round((right - left) * 0.4);
  await sharp(group)
    .extract({
      left: left - margin,
      top: top - margin,
      width: right - left + 2 * margin,
      height: bottom - top + 2 * margin,
    })
    .resize(300)
    .modulate({ brightness: 1.15 })
    .jpeg({ quality: 70 })
    .toFile(portrait);

  const { lines, code } = await phiz('compare', portrait, group, `${photographs}/sample5.jpg`);
  expect(code).toBe(0);
  const [same, other] = lines();
  const [best, ...others] = same!.faces;
  expect(best!.bbox).toEqual(wanted!.bbox);
  // The other people of both photographs, the most alike first.
  const strangers = [...others, ...other!.faces];
  expect(strangers).toHaveLength(3 + 5);
  for (const { similarity } of strangers) expect(similarity).toBeLessThan(best!.similarity - 0.1);
  expect(best).toMatchObject({
    verdict: 'same person',
    because: '1 in 30 000 strangers is this alike, or fewer',
  });
  for (const { similarity, verdict } of strangers)
    expect(verdict).toBe(similarity < 0.7 ? 'different people' : 'unsure');
  expect(others).toEqual(others.toSorted((a, b) => b.similarity - a.similarity));
});

test('says so where the first picture shows no face, and names the picture that cannot be read', async () => {
  const sky = join(folder, 'sky.png');
  await sharp({ create: { width: 200, height: 200, channels: 3, background: '#8be' } }).toFile(sky);
  const noFace = await phiz('compare', sky, group);
  expect(noFace.code).toBe(1);
  expect(noFace.stderr).toContain(`${sky}: no face was found`);
  for (const [reference, told] of [
    ['package.json', 'package.json: Failed to decode: '],
    ['nothing.jpg', 'nothing.jpg: there is no such file or folder'],
    [folder, `${folder}: it is a folder, expected a file`],
  ] as const)
    expect(await phiz('compare', reference, group)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`phiz: ${told}`),
    });
  const unread = await phiz('compare', group, 'package.json');
  expect(unread.code).toBe(1);
  expect(unread.lines()[0]).toMatchObject({ file: 'package.json', error: { code: 'IMAGE_DECODING_FAILED' } });
});
