import { expect, test } from 'vitest';
import { assets } from '../../assets.ts';
import { defaultPacks, embeddedPack, embeddedPacks } from '../../models/catalog.ts';

test('every pack reads assets that are shipped, and has an id of its own', () => {
  for (const pack of embeddedPacks) {
    expect(embeddedPack(pack.id)).toBe(pack);
    for (const name of pack.assets) expect(Object.keys(assets)).toContain(name);
  }
});

test('the default of a task does that task', () => {
  for (const [task, id] of Object.entries(defaultPacks)) {
    expect(embeddedPack(id)).toMatchObject({ task });
  }
});

test('an unknown pack is refused with the known ones', () => {
  expect(() => embeddedPack('yunet')).toThrow(
    /no network "yunet" ships with phiz; known are .*ssd-mobilenetv1/,
  );
});
