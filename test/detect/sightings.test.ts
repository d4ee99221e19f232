import { expect, test } from 'vitest';
import { Sightings } from '../../src/detect/sightings.ts';

const box = { left: 1, top: 2, right: 5, bottom: 10 };
const points = (count: number) => Array.from({ length: count }, (_, index) => ({ x: index, y: -index }));

test('a sighting is the detection that was added, with what points it has', () => {
  const seen = new Sightings();
  seen.add(box, 0.5);
  seen.add(box, 0.75, points(5));
  seen.add(box, 1, points(6));
  expect(seen.all()).toEqual([
    { box, confidence: 0.5 },
    { box, confidence: 0.75, points: points(5) },
    { box, confidence: 1, sixPoints: points(6) },
  ]);
});

test('sightings are taken from others, and move with their points', () => {
  const [seen, some] = [new Sightings(), new Sightings()];
  for (const confidence of [0.25, 0.5, 0.75]) seen.add(box, confidence, points(5));
  some.add(box, 1);
  some.take(seen, (index) => index !== 1);
  some.move(100, 200, 2);
  const there = { left: 102, top: 204, right: 110, bottom: 220 };
  const moved = points(5).map(({ x, y }) => ({ x: 100 + 2 * x, y: 200 + 2 * y }));
  expect(some.all()).toEqual([
    { box: there, confidence: 1 },
    { box: there, confidence: 0.25, points: moved },
    { box: there, confidence: 0.75, points: moved },
  ]);
  expect(seen.at(0)).toEqual({ box, confidence: 0.25, points: points(5) });
});
