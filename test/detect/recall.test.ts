import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Patch } from '../../bench/detect/paste.ts';
import { recallAt } from '../../bench/detect/recall.ts';
import { createFinder, readPatches } from '../../bench/detect/samples.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';

// `npm run bench:detect recall` does it at every size in pictures of 6000×4000.

const finder = createFinder(defaultSettings);
let patches: Patch[];

beforeAll(async () => {
  patches = await readPatches(
    [new URL('../../node_modules/@vladmandic/face-api/demo/sample4.jpg', import.meta.url).pathname],
    finder.find,
  );
  expect(patches).toHaveLength(4);
});

afterAll(() => finder.close());

test.each([30, 60, 300])(
  'faces of %i pixels at the borders and in the middle are found, each once',
  async (size) => {
    const detect = async (picture: Parameters<typeof finder.find>[0]) => (await finder.find(picture)).boxes;
    const recall = await recallAt(size, patches, { width: 900, height: 600 }, detect, 1);
    expect(recall).toMatchObject({ faces: 4, found: 4, twice: 0 });
  },
);
