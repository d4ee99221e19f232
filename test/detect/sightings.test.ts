import { expect, test } from 'vitest';
import { Sightings } from '../../src/detect/sightings.ts';

const box = { left: 1, top: 2, right: 5, bottom: 10 };
const points = (count: number) => Array.from({ length: count }, (_, index) => ({ x: index, y: -index }));

test.each([
  [5, 'points'],
  [6, 'sixPoints'],
])('sightings are the detections that were added, with %i points', (count, name) => {
  const seen = new Sightings();
  seen.add(box, 0.5, points(count));
  seen.add(box, 0.75, points(count));
  expect(seen.all()).toEqual([0.5, 0.75].map((confidence) => ({ box, confidence, [name]: points(count) })));
});

test.each([0, 5])('what is kept moves with its %i points, beside what is added', (count) => {
  const [seen, others] = [new Sightings(), new Sightings()];
  const own = count > 0 ? points(count) : undefined;
  for (const confidence of [0.25, 0.5, 0.75]) seen.add(box, confidence, own);
  others.add(box, 1, own);
  seen.keep((index) => index !== 1);
  seen.move(100, 200, 2);
  seen.addAll(others);
  const there = { left: 102, top: 204, right: 110, bottom: 220 };
  const moved = own && { points: own.map(({ x, y }) => ({ x: 100 + 2 * x, y: 200 + 2 * y })) };
  expect(seen.all()).toEqual([
    { box: there, confidence: 0.25, ...moved },
    { box: there, confidence: 0.75, ...moved },
    { box, confidence: 1, ...(own && { points: own }) },
  ]);
  expect(seen.count).toBe(3);
});
