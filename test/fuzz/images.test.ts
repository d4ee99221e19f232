import { expect, it } from 'vitest';
import { createRandom } from '../../bench/accuracy/random.ts';
import { fuzzImages } from './images.ts';

it('damaged pictures are decoded or refused; `npm run fuzz:images` goes on for longer', async () => {
  let pictures = 400;
  expect(await fuzzImages(createRandom(8), () => pictures-- > 0)).toBeUndefined();
});
