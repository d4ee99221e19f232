import fc from 'fast-check';
import { expect, it } from 'vitest';
import { area, type Box, compose, intersect, invert, iou, transform } from '../../src/image/geometry.ts';
import { turnBox } from '../../src/image/orient.ts';
import type { QuarterTurns } from '../../src/image/rotate.ts';

const coordinate = fc.integer({ min: -5_000, max: 5_000 });
const box: fc.Arbitrary<Box> = fc
  .tuple(coordinate, coordinate, fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 4_000 }))
  .map(([left, top, width, height]) => ({ left, top, right: left + width, bottom: top + height }));

it('what two boxes share lies in both, and is the same either way', () => {
  fc.assert(
    fc.property(box, box, (first, second) => {
      const common = intersect(first, second);
      expect(common).toEqual(intersect(second, first));
      expect(area(common)).toBeLessThanOrEqual(Math.min(area(first), area(second)));
      if (area(common) > 0)
        for (const whole of [first, second]) expect(intersect(common, whole)).toEqual(common);
    }),
  );
});

it('the overlap of two boxes is a share, whole for a box and itself', () => {
  fc.assert(
    fc.property(box, box, (first, second) => {
      expect(iou(first, first)).toBe(1);
      expect(iou(first, second)).toBe(iou(second, first));
      expect(iou(first, second)).toBeGreaterThanOrEqual(0);
      expect(iou(first, second)).toBeLessThanOrEqual(1);
    }),
  );
});

it('a box turned on and on comes back, at the same size', () => {
  fc.assert(
    fc.property(box, fc.constantFrom<QuarterTurns>(1, 2, 3), (start, turns) => {
      const [width, height] = [4_321, 1_234];
      const size = turns === 2 ? ([width, height] as const) : ([height, width] as const);
      const turned = turnBox(start, turns, width, height);
      expect(area(turned)).toBe(area(start));
      expect(turnBox(turned, (4 - turns) as QuarterTurns, ...size)).toEqual(start);
    }),
  );
});

it('an affine map and its inverse undo each other', () => {
  const factor = fc.double({ min: -8, max: 8, noNaN: true });
  const shift = fc.double({ min: -1_000, max: 1_000, noNaN: true });
  const map = fc
    .record({ a: factor, b: factor, c: shift, d: factor, e: factor, f: shift })
    .filter(({ a, b, d, e }) => Math.abs(a * e - b * d) > 0.01);
  fc.assert(
    fc.property(map, coordinate, coordinate, (there, x, y) => {
      for (const both of [compose(invert(there), there), compose(there, invert(there))]) {
        const back = transform(both, { x, y });
        expect(Math.hypot(back.x - x, back.y - y)).toBeLessThan(1e-4 * (1 + Math.hypot(x, y)));
      }
    }),
  );
});
