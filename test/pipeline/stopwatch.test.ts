import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createStopwatch } from '../../src/pipeline/stopwatch.ts';

test('the time of one piece of work is shared by the stages that it serves, and adds up', async () => {
  const { time, timings } = createStopwatch();
  expect(await time('detect', () => 7)).toBe(7);
  await time(['age', 'gender'], () => setTimeout(30));
  expect(timings.age).toBe(timings.gender);
  const first = timings.age!;
  expect(first).toBeGreaterThan(10);
  await time('age', () => setTimeout(10));
  expect(timings.age).toBeGreaterThan(first);
  expect(timings.gender).toBe(first);
  expect(timings.emotions).toBeUndefined();
});
