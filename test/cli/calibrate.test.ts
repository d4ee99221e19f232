import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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

const groups = [1, 2, 3, 4, 5, 6].map((number) => `${photographs}/sample${number}.jpg`);

/** Of each face so many pictures, of other sizes, brightness and compression: enough pairs of strangers. */
const picturesOfEach = 10;

/** A folder for each face of the samples. @returns how many faces there are */
async function portraits(root: string): Promise<number> {
  let people = 0;
  for (const { file, faces } of (await phiz('extract', '--need', 'age', ...groups)).lines()) {
    const { width, height } = await sharp(file).metadata();
    for (const { bbox } of faces) {
      const { left, top, right, bottom } = bbox as Record<'left' | 'top' | 'right' | 'bottom', number>;
      const margin = Math.round((right - left) * 0.3);
      const [fromX, fromY] = [Math.max(0, left - margin), Math.max(0, top - margin)];
      const area = {
        left: fromX,
        top: fromY,
        width: Math.min(width, right + margin) - fromX,
        height: Math.min(height, bottom + margin) - fromY,
      };
      const person = join(root, `person-${people++}`);
      await mkdir(person, { recursive: true });
      const portrait = sharp(file).extract(area);
      for (let index = 0; index < picturesOfEach; index++) {
        await portrait
          .clone()
          .resize(120 + 8 * index)
          .modulate({ brightness: 0.8 + 0.04 * index })
          .jpeg({ quality: 95 - 5 * index })
          .toFile(join(person, `${index}.jpg`));
      }
    }
  }
  return people;
}

test('measures the scale of facens on a folder of people, and writes what a manifest takes', async () => {
  const root = join(folder, 'people');
  const people = await portraits(root);
  expect(people).toBeGreaterThanOrEqual(20);
  const sky = join(root, 'person-0', 'sky.png');
  await sharp({ create: { width: 200, height: 200, channels: 3, background: '#8be' } }).toFile(sky);

  const { code, stdout, stderr } = await phiz('models', 'calibrate', root);
  expect(stderr).toContain(`${sky}: no face was found`);
  const [, faces, of] = /(\d+) faces of (\d+) people/.exec(stderr)!.map(Number);
  expect(code).toBe(0);
  expect(of).toBe(people);
  expect(faces).toBeGreaterThan(0.9 * people * picturesOfEach);
  expect(stderr).toMatch(/0\.75 lets in\n[\d.]+% of strangers, and the other way round [\d.]+%/);

  const { followedBy, transform, thresholds } = JSON.parse(stdout);
  expect(followedBy).toEqual(['face-recognition']);
  // Shifted where strangers are more alike than FindFace's clients ask for, else given a number more.
  if (thresholds.native['0.1%'] > 0.75) expect(transform.shift).toHaveLength(320);
  else expect(transform.constant).toBeGreaterThan(0);
  expect(thresholds.findface['0.1%']).toBeCloseTo(0.75, 2);
  for (const { '1%': low, '0.1%': middle, '0.01%': high } of [thresholds.native, thresholds.findface]) {
    expect(low).toBeLessThan(middle);
    expect(middle).toBeLessThanOrEqual(high);
  }
}, 180_000);

test('says what is missing: enough people, or whose a picture is', async () => {
  const few = join(folder, 'few');
  await mkdir(join(few, 'anna'), { recursive: true });
  await sharp(groups[0]).toFile(join(few, 'anna', '1.jpg'));
  const tooFew = await phiz('models', 'calibrate', few);
  expect(tooFew.code).toBe(1);
  expect(tooFew.stdout).toBe('');
  expect(tooFew.stderr).toContain('expected at least 20 people');

  const nobodys = join(few, 'picture.jpg');
  await sharp(groups[0]).toFile(nobodys);
  expect(await phiz('models', 'calibrate', 'nowhere')).toMatchObject({
    code: 1,
    stderr: 'phiz: nowhere: there is no such file or folder\n',
  });
  const { code, stderr } = await phiz('models', 'calibrate', few);
  expect(code).toBe(1);
  expect(stderr).toContain(`${nobodys}: expected a folder of pictures for each person`);
});
