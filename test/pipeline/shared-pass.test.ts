import { afterAll, beforeAll, expect, it } from 'vitest';
import { alignedFaces } from '../../bench/aligned-faces.ts';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { attributeNames, type Face } from '../../src/face/face.ts';
import { createInstance } from '../../src/pipeline/create-instance.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import { read } from '../contract/samples.ts';

const go = () => {};
const helper = createInstance(nodePlatform, defaultSettings);
/** How many are idle, whether they decline, and what they were asked. */
const state = { idle: 0, declines: false, passes: 0 };
const helped = createInstance(
  {
    ...nodePlatform,
    helpers: {
      get idle() {
        return state.idle;
      },
      async run(pass) {
        state.passes++;
        return state.declines ? undefined : helper.help(pass, go);
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
  ['one helps', { idle: 1, declines: false }],
  ['three help', { idle: 3, declines: false }],
  ['nobody is free after all', { idle: 2, declines: true }],
])('a picture has the same faces, bit for bit, where %s', async (_, change) => {
  Object.assign(state, change, { passes: 0 });
  expect(await faces()).toEqual(alone);
  expect(state.passes).toBeGreaterThan(8 * state.idle);
});
