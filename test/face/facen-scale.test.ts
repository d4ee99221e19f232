import { describe, expect, it } from 'vitest';
import { calibrate, findfaceThreshold, type KnownFace, measure } from '../../src/face/calibrate.ts';
import { cosine, transformFacen } from '../../src/face/facen-scale.ts';
import { verdictOf, verdicts } from '../../src/face/verdict.ts';

const dimensions = 48;

/** Numbers around 0 that repeat late. */
function* noise(seed: number): Generator<number, never> {
  for (let state = seed * 2654435761 + 1; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const first = (state + 1) / 2 ** 32;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield Math.sqrt(-2 * Math.log(first)) * Math.cos((2 * Math.PI * state) / 2 ** 32);
  }
}

function unit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

/**
 * Three faces of each of some people.
 *
 * @param common how far all vectors lie in one direction: the more, the higher are the cosines of strangers
 */
function facesOf(people: number, common: number, seed: number): KnownFace[] {
  const random = noise(seed);
  const draw = (size: number) => Array.from({ length: dimensions }, () => size * random.next().value);
  return Array.from({ length: people }, (_, person) => {
    const own = draw(1);
    return Array.from({ length: 3 }, () => {
      const apart = draw(0.45);
      const vector = unit(own.map((value, index) => value + apart[index]! + (index === 3 ? common : 0)));
      return { person: `person ${person}`, vector };
    });
  }).flat();
}

describe.each([
  ['low', 0, 'constant'],
  ['high', 30, 'shift'],
] as const)('vectors of %s cosines', (_, common, kind) => {
  const faces = facesOf(200, common, 1);
  const { transform, native, findface, confirmed } = calibrate(faces);

  it('are brought to FindFace’s scale, also those of people that they were not fitted to', () => {
    expect(Object.keys(transform)).toEqual([kind]);
    expect(native.strangersAbove > 0.01 || native.strangersAbove === 0).toBe(true);
    expect(findface.thresholds[findfaceThreshold.rate]).toBeCloseTo(findfaceThreshold.cosine, 2);
    for (const { strangersAbove } of confirmed) {
      expect(strangersAbove).toBeGreaterThan(0.0004);
      expect(strangersAbove).toBeLessThan(0.0025);
    }
    const others = facesOf(200, common, 2).map(({ person, vector }) => ({
      person,
      vector: transformFacen(vector, transform),
    }));
    expect(measure(others).strangersAbove).toBeGreaterThan(0.0004);
    expect(measure(others).strangersAbove).toBeLessThan(0.0025);
  });

  it('keep their length, and the order of their cosines', () => {
    const moved = faces.slice(0, 40).map(({ vector }) => transformFacen(vector, transform));
    for (const vector of moved) expect(cosine(vector, vector)).toBeCloseTo(1, 5);
    expect(moved[0]!.length).toBe(dimensions + (kind === 'constant' ? 1 : 0));
    for (const rate of ['1%', '0.1%', '0.01%'] as const)
      expect(Math.abs(findface.accepted[rate] - native.accepted[rate])).toBeLessThan(0.02);
  });
});

it('a scale is not made of too few people', () => {
  expect(() => calibrate(facesOf(19, 0, 1))).toThrow(/expected at least 20 people, .* found 19/);
  expect(() => calibrate(facesOf(30, 0, 1))).toThrow(
    /4000 pairs of strangers in each half .* found 30 and 945/,
  );
});

it('vectors of two networks are not compared, nor moved by each other’s shift', () => {
  const [short, long] = [unit([1, 2]), unit([1, 2, 3])];
  expect(() => cosine(short, long)).toThrow('vectors of 2 and of 3 numbers cannot be compared');
  expect(() => transformFacen(long, { shift: [0, 1] })).toThrow('expected a shift of 3 numbers, found 2');
});

it('a verdict is that of the table', () => {
  const thresholds = { '1%': 0.7, '0.1%': 0.75, '0.01%': 0.79 };
  const table = [0.9, 0.811, 0.809, 0.75, 0.749, 0.7, 0.69, -1].map((value) => verdictOf(value, thresholds));
  const rows = [0, 0, 1, 1, 2, 2, 3, 3].map((row) => verdicts[row]!);
  expect(table).toEqual(rows.map(({ verdict, because }) => ({ verdict, because })));
});
