import { afterAll, expect, test } from 'vitest';
import { createFinder, decodePhotograph } from '../../bench/detect/samples.ts';
import type { Box } from '../../src/image/geometry.ts';
import type { Picture } from '../../src/image/picture.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { warpPicture } from '../../src/image/warp.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import { pathOf, samples } from '../contract/samples.ts';

const finder = createFinder(defaultSettings);
afterAll(() => finder.close());

/** What is cut off a face on each side, as a share of its box's width: brows, chin and cheeks. */
const cutOff = 0.2;

test('faces are found of which the picture shows little more than eyes, nose and mouth', async () => {
  let found = 0;
  for (const sample of samples) {
    const picture = await decodePhotograph(pathOf(sample));
    for (const box of (await finder.find(picture)).boxes) {
      const { boxes } = await finder.find(insideOf(picture, box));
      if (boxes.length === 1) found++;
    }
  }
  expect(found).toBeGreaterThanOrEqual(19);
}, 60_000);

function insideOf(picture: Picture, { left, top, right, bottom }: Box): Picture {
  const cut = Math.round(cutOff * (right - left));
  const toPart = { a: 1, b: 0, c: -(left + cut), d: 0, e: 1, f: -(top + cut) };
  return rasterPicture(warpPicture(picture, toPart, right - left - 2 * cut, bottom - top - 2 * cut));
}
