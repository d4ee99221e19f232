import { expect, test } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import { createPlanner, overviewFor } from '../../src/pipeline/planner.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';

const size = { width: 6000, height: 4000 };

test('a picture that is scanned is decoded at the scale of the scan', () => {
  expect(overviewFor(createPlanner(catalogue, defaultSettings), [{}], size)).toBe(3000);
  const settings = { ...defaultSettings, faces: { least: 60, most: Number.POSITIVE_INFINITY } };
  expect(overviewFor(createPlanner(catalogue, settings), [{ detector: 'light' }, {}], size)).toBe(1500);
});

test('one that is not, or only in a part, needs no large view', () => {
  const region = { left: 0, top: 0, right: 400, bottom: 400 };
  const requests = [{ detector: 'light' }, { detector: 'none' }, { region }] as const;
  expect(overviewFor(createPlanner(catalogue, defaultSettings), requests, size)).toBe(0);
});
