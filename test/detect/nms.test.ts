import { expect, test } from 'vitest';
import { suppress, withoutParts } from '../../src/detect/nms.ts';

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
