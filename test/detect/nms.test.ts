import { expect, test } from 'vitest';
import { seenOften, suppress, survivors, withoutParts } from '../../src/detect/nms.ts';
import { Sightings } from '../../src/detect/sightings.ts';
import { iou } from '../../src/image/geometry.ts';

const find = (confidence: number, left: number, top: number, side: number) => ({
  confidence,
  box: { left, top, right: left + side, bottom: top + side },
});

test('of finds that overlap by more than 0.4 the surest is kept', () => {
  const [first, shifted, apart] = [find(0.9, 0, 0, 10), find(0.8, 3, 0, 10), find(0.7, 6, 0, 10)];
  expect(suppress([apart, shifted, first])).toEqual([first, apart]);
});

test('a find inside a surer one is a part of it; one that holds a surer one is not', () => {
  const [face, eyes, beside] = [find(0.9, 0, 0, 100), find(0.5, 10, 10, 40), find(0.4, 80, 80, 40)];
  expect(withoutParts([face, eyes, beside])).toEqual([face, beside]);
  const [small, around] = [find(0.9, 40, 40, 20), find(0.5, 0, 0, 100)];
  expect(withoutParts([small, around])).toEqual([small, around]);
  const [doubtful, within] = [find(0.4, 0, 0, 100), find(0.3, 10, 10, 40)];
  expect(withoutParts([doubtful, within])).toEqual([doubtful, within]);
});

test('of thousands of finds the same are kept, and are seen often, as where each is compared with each', () => {
  const random = (seed: number) => Math.abs(Math.sin(seed * 12.9898) * 43758.5453) % 1;
  const finds = Array.from({ length: 2000 }, (_, index) => {
    const [sure, left, top, side] = [0, 1, 2, 3].map((which) => random(1 + 4 * index + which));
    // Some are as sure as others, some by less than float32 tells.
    const confidence = index % 5 === 0 ? 0.5 : index % 5 === 1 ? 0.5 + 1e-12 * sure! : sure!;
    // As far apart as squares are that are one.
    const far = 4096 * (index % 3);
    return find(confidence, far + 600 * left! - 100, 600 * top! - 100, 4 + 300 * side! ** 4);
  });
  const isOneWith = (a: (typeof finds)[0]) => (b: (typeof finds)[0]) => iou(a.box, b.box) > 0.4;
  const kept: typeof finds = [];
  for (const each of finds.toSorted((a, b) => b.confidence - a.confidence))
    if (!kept.some(isOneWith(each))) kept.push(each);
  expect(kept.length).toBeGreaterThan(200);
  expect(suppress(finds)).toEqual(kept);
  const seen = new Sightings();
  for (const { box, confidence } of finds) seen.add(box, confidence);
  const indices = survivors(seen);
  expect(indices.map((index) => seen.at(index))).toEqual(kept);
  expect(survivors(seen, 50)).toEqual(indices.slice(0, 50));

  const often = kept.filter((each) => finds.filter(isOneWith(each)).length >= 4);
  expect(often.length).toBeGreaterThan(10);
  expect(seenOften(indices, seen, () => 4).map((index) => seen.at(index))).toEqual(often);
});
