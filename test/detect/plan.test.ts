import fc from 'fast-check';
import { expect, test } from 'vitest';
import { detectorFamilyNames } from '../../src/detect/detector.ts';
import { detectorFamilies } from '../../src/detect/families.ts';
import { type LookRules, pixelsOf, planLevels, planOnePass } from '../../src/detect/plan.ts';

const region = (width: number, height: number) => ({ left: 0, top: 0, right: width, bottom: height });

const rules: readonly LookRules[] = detectorFamilyNames.flatMap((name) => {
  const { reliable } = detectorFamilies[name];
  return [
    { reliable, size: { multipleOf: 32 } },
    { reliable, size: { width: 256, height: 256 } },
    { reliable, size: { width: 640, height: 480 } },
  ];
});

test('a face of any size of the interval, anywhere in the picture, is seen whole and at a reliable size', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const sides = fc.integer({ min: 16, max: 6000 });
  fc.assert(
    fc.property(
      fc.constantFrom(...rules),
      sides,
      sides,
      fc.integer({ min: 20, max: 200 }),
      fc.constantFrom(1, 4, Number.POSITIVE_INFINITY),
      share,
      share,
      share,
      (rule, width, height, least, times, ofSize, ofX, ofY) => {
        const levels = planLevels(region(width, height), { least, most: least * times }, rule);
        const most = Math.min(least * times, width, height);
        if (most < least) return;
        const size = least + ofSize * (most - least);
        const left = ofX * (width - size);
        const top = ofY * (height - size);
        const x = left + size / 2;
        const y = top + size / 2;
        const seen = levels.some(
          ({ scale, faces, tiles }) =>
            size * scale >= rule.reliable.least * 0.999 &&
            size * scale <= rule.reliable.most * 1.001 &&
            size <= faces.most * 1.001 &&
            tiles.some(
              ({ source, core }) =>
                x >= core.left &&
                x < core.right &&
                y >= core.top &&
                y < core.bottom &&
                left >= source.left - 1 / scale &&
                top >= source.top - 1 / scale &&
                left + size <= source.right + 1 / scale &&
                top + size <= source.bottom + 1 / scale,
            ),
        );
        expect(seen, `a face of ${size} at (${left}, ${top})`).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('every point of the region lies in one core of each level', () => {
  const levels = planLevels(region(6000, 4000), { least: 30, most: Infinity }, rules[0]!);
  for (const { tiles } of levels) {
    for (const [x, y] of [
      [0, 0],
      [5999, 3999],
      [1234.5, 2345.6],
      [3000, 2000],
    ] as const) {
      const owners = tiles.filter(
        ({ core }) => x >= core.left && x < core.right && y >= core.top && y < core.bottom,
      );
      expect(owners).toHaveLength(1);
    }
  }
});

test('the least size sets the cost: a quarter of the pixels for faces twice as large', () => {
  const cost = (least: number) =>
    pixelsOf(planLevels(region(6000, 4000), { least, most: Infinity }, rules[0]!));
  expect(cost(60) / cost(30)).toBeGreaterThan(0.2);
  expect(cost(60) / cost(30)).toBeLessThan(0.33);
  const without = pixelsOf(planLevels(region(6000, 4000), { least: 30, most: 60 }, rules[0]!));
  expect(without).toBeLessThan(cost(30));
});

test('faces of 30 pixels are looked for at half of the size, larger ones at its halves, in whole pixels of these', () => {
  const { reliable } = detectorFamilies.blazeface;
  for (const [width, height] of [
    [6000, 4000],
    [1919, 1281],
  ] as const) {
    const levels = planLevels(
      region(width, height),
      { least: 30, most: Infinity },
      {
        reliable,
        size: { multipleOf: 32 },
      },
    );
    expect(levels[0]!.scale).toBe(0.5);
    for (const { scale, tiles } of levels) {
      expect(Number.isInteger(Math.log2(scale))).toBe(true);
      for (const { source } of tiles) {
        for (const edge of [source.left, source.top, source.right, source.bottom]) {
          expect((edge * scale) % 1).toBeCloseTo(0);
        }
      }
    }
  }
});

test('cost grows linearly with the pixels of the picture', () => {
  const perPixel = [1, 2, 4].map((times) => {
    const size = region(1500 * times, 1000 * times);
    return pixelsOf(planLevels(size, { least: 30, most: Infinity }, rules[0]!)) / (1.5e6 * times * times);
  });
  expect(Math.max(...perPixel) / Math.min(...perPixel)).toBeLessThan(1.4);
});

test('one pass sees the whole region, with a margin', () => {
  const sides = fc.integer({ min: 1, max: 65_500 });
  fc.assert(
    fc.property(fc.constantFrom(...rules), sides, sides, (rule, width, height) => {
      const [level, ...others] = planOnePass(region(width, height), rule);
      expect(others).toEqual([]);
      expect(level!.tiles).toHaveLength(1);
      const { source } = level!.tiles[0]!;
      const margin = 14 / level!.scale;
      expect(source.left).toBeLessThan(-margin);
      expect(source.top).toBeLessThan(-margin);
      expect(source.right).toBeGreaterThan(width + margin);
      expect(source.bottom).toBeGreaterThan(height + margin);
    }),
  );
});

test.each([
  [1, 1],
  [1, 6000],
  [6000, 1],
  [65_500, 8],
])('a picture of %i×%i has a plan of a few passes', (width, height) => {
  for (const rule of rules) {
    const levels = planLevels(region(width, height), { least: 30, most: Infinity }, rule);
    expect(levels.length).toBeGreaterThan(0);
    for (const level of levels) expect(Number.isFinite(level.scale)).toBe(true);
    expect(pixelsOf(levels)).toBeLessThan(80e6);
  }
});
