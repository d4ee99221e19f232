import { expect, test } from 'vitest';
import { writeCards } from '../../build/cards.ts';
import { readAsset } from './assets.ts';

const root = new URL('../../', import.meta.url);

test('cards and the tables of pages say what manifests, graphs, cards and the last bench say: npm run cards', async () => {
  const stale = (await writeCards(root, readAsset)).filter(({ found, text }) => found !== text);
  expect(stale.map(({ path }) => path)).toEqual([]);
});
