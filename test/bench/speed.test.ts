import { describe, expect, test } from 'vitest';
import { createRandom } from '../../bench/accuracy/random.ts';
import { addRecalls, compareFaces } from '../../bench/speed/recall.ts';
import { geometricMean, geometricMeanOf, median } from '../../bench/speed/statistics.ts';

const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

describe('faces found', () => {
  test('a box counts whose centre is inside the marked one, and the other way round', () => {
    const marked = [box(10, 10, 30, 40)];
    expect(compareFaces(marked, [box(5, 0, 35, 40)])).toEqual({ marked: 1, found: 1, falseFinds: 0 });
    // Around the face, but about something else.
    expect(compareFaces(marked, [box(0, 0, 200, 200)])).toEqual({ marked: 1, found: 0, falseFinds: 1 });
    expect(compareFaces(marked, [box(10, 50, 30, 80)])).toEqual({ marked: 1, found: 0, falseFinds: 1 });
  });

  test('a face found twice is found once', () => {
    const marked = [box(0, 0, 10, 10), box(20, 0, 30, 10)];
    const found = [box(0, 0, 10, 10), box(1, 1, 11, 11)];
    expect(compareFaces(marked, found)).toEqual({ marked: 2, found: 1, falseFinds: 1 });
  });

  test('pictures add up', () => {
    expect(addRecalls([compareFaces([], [box(0, 0, 1, 1)]), compareFaces([box(0, 0, 1, 1)], [])])).toEqual({
      marked: 1,
      found: 0,
      falseFinds: 1,
    });
  });
});

describe('statistics', () => {
  test('median of odd and even numbers of values', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  test('geometric mean', () => {
    expect(geometricMean([1, 4])).toBeCloseTo(2);
  });

  test('the interval of a ratio holds it, and is as wide as the noise', () => {
    const random = createRandom(3);
    const pairs = (noise: number) =>
      Array.from({ length: 5 }, () =>
        Array.from({ length: 20 }, () => 0.8 * Math.exp(noise * (random() - 0.5))),
      );
    const calm = geometricMeanOf(pairs(0.02), random);
    const noisy = geometricMeanOf(pairs(0.5), random);
    for (const { value, low, high } of [calm, noisy]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    expect(calm.value).toBeCloseTo(0.8, 2);
    expect(noisy.high - noisy.low).toBeGreaterThan(10 * (calm.high - calm.low));
  });

  test('without noise there is no interval', () => {
    const { value, low, high } = geometricMeanOf(
      [
        [2, 2],
        [0.5, 0.5],
      ],
      createRandom(1),
    );
    expect(value).toBeCloseTo(1);
    expect(high - low).toBeCloseTo(0);
  });
});
