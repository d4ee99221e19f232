import { expect, test } from 'vitest';
import { assetNames } from '../../build/assets.ts';
import { recipes } from '../../build/networks/recipes.ts';
import { catalogue, shippedPack } from '../../models/catalogue.ts';
import { chooseNetworks } from '../../src/pipeline/choose-networks.ts';
import { isOfPoints, readManifest } from '../../src/pipeline/manifest.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';

test('every pack reads assets that are shipped, and has an id of its own and a recipe', () => {
  for (const pack of catalogue.shipped) {
    expect(shippedPack(pack.manifest.id)).toBe(pack);
    for (const name of pack.assets) expect(assetNames).toContain(name);
  }
  expect(catalogue.shipped.map(({ manifest }) => manifest.id).sort()).toEqual(Object.keys(recipes).sort());
});

test('the default of every role is a network for it', () => {
  expect([...chooseNetworks(catalogue, defaultSettings).keys()].sort()).toEqual(
    Object.keys(catalogue.defaults).sort(),
  );
});

test('every manifest that a key can choose is of the form that users write, and no other is taken', () => {
  for (const { manifest } of catalogue.shipped) {
    if (isOfPoints(manifest)) expect(() => readManifest(manifest)).toThrow('decoder: expected a decoder of');
    else expect(readManifest(manifest)).toEqual(manifest);
  }
});

test('an unknown pack is refused with the known ones', () => {
  expect(() => shippedPack('yunet')).toThrow(
    /no network "yunet" ships with phiz; known are .*ssd-mobilenetv1/,
  );
});
