import { afterAll, beforeAll, expect, it } from 'vitest';
import { alignedFaces } from '../../bench/aligned-faces.ts';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { attributeNames, type Face } from '../../src/face/face.ts';
import { createInstance } from '../../src/pipeline/create-instance.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import { read } from '../contract/samples.ts';

const go = () => {};
const helper = createInstance(nodePlatform, defaultSettings);
/** How many are idle, what becomes of them, and what they were asked. */
const state = { idle: 0, fate: 'helps' as 'helps' | 'declines' | 'is lost', passes: 0, bands: 0 };
const helped = createInstance(
  {
    ...nodePlatform,
    helpers: {
      get idle() {
        return state.idle;
      },
      run(pass) {
        const { items, step, taken } = pass.shared;
        state.passes++;
        state.bands += items.filter((item) => 'band' in item).length;
        if (state.fate === 'helps') {
          const shares = helper.help(pass, go);
          return () => shares;
        }
        // What it has taken nobody else takes.
        if (state.fate === 'is lost') Atomics.add(new Int32Array(taken), 0, step);
        return async () => undefined;
      },
    },
  },
  defaultSettings,
);
afterAll(() => Promise.all([helper.close(), helped.close()]));

let picture: Uint8Array;
let alone: readonly Face[];
beforeAll(async () => {
  picture = await read('sample4.jpg');
  alone = await faces();
  expect(alone).toHaveLength(4);
  expect(state.passes).toBe(0);
});

/** The picture's faces with all that can be asked of them. */
async function faces(): Promise<readonly Face[]> {
  const [outcome] = await helped.locate(picture, [{ attributes: attributeNames }], go);
  return (await helped.describe(alignedFaces(outcome), attributeNames, go)).faces;
}

it.each([
  ['one helps', { idle: 1, fate: 'helps' }],
  ['three help', { idle: 3, fate: 'helps' }],
  ['nobody is free after all', { idle: 2, fate: 'declines' }],
  ['those who help are lost', { idle: 2, fate: 'is lost' }],
])('a picture has the same faces, bit for bit, where %s', async (_, change) => {
  Object.assign(state, change, { passes: 0, bands: 0 });
  expect(await faces()).toEqual(alone);
  expect(state.passes).toBeGreaterThan(8 * state.idle);
  // The scan's only tile, as each helper is told of it.
  expect(state.bands).toBe(state.idle * (1 + state.idle));
});
