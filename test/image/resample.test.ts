import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canvasOn } from '../../src/image/canvas.ts';
import { type Affine, type Box, wholeOf } from '../../src/image/geometry.ts';
import type { Raster } from '../../src/image/raster.ts';
import { halve, rasterPicture } from '../../src/image/raster-picture.ts';
import { resizeInto } from '../../src/image/resize.ts';
import { warp, warpPicture } from '../../src/image/warp.ts';

const noise = (width: number, height: number): Raster => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 31 + i * 7) % 256),
});

/** Red grows by 2 a column, green by 3 a row, blue is even. */
const slope = (width: number, height: number): Raster => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [2 * (pixel % width), 3 * Math.floor(pixel / width), 77][i % 3]!;
  }),
});

const at = ({ width, height, data }: Raster, x: number, y: number, colour: number): number =>
  data[3 * (Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)) + colour]!;

describe('resizeInto', () => {
  function resize(
    raster: Raster,
    source: Box,
    width: number,
    height: number,
    mirrored?: boolean,
  ): Float32Array {
    const data = new Float32Array(3 * width * height);
    const canvas = canvasOn(data, { width, height }, 'planes');
    resizeInto(canvas, wholeOf(canvas), raster, source, mirrored);
    return data;
  }

  /** The definition, pixel by pixel: every source pixel under the triangle counts. */
  function reference(raster: Raster, source: Box, width: number, height: number): number[] {
    const weights = (from: number, to: number, length: number, index: number) => {
      const scale = (to - from) / length;
      const support = Math.max(1, scale);
      const centre = from + (index + 0.5) * scale;
      const taps = new Map<number, number>();
      let sum = 0;
      for (let i = Math.floor(centre - support) - 1; i <= centre + support + 1; i++) {
        const weight = Math.max(0, 1 - Math.abs(i + 0.5 - centre) / support);
        taps.set(i, weight);
        sum += weight;
      }
      return [...taps].map(([i, weight]) => [i, weight / sum] as const);
    };
    const result: number[] = [];
    for (let colour = 0; colour < 3; colour++) {
      for (let y = 0; y < height; y++) {
        const down = weights(source.top, source.bottom, height, y);
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (const [column, across] of weights(source.left, source.right, width, x))
            for (const [row, weight] of down) sum += across * weight * at(raster, column, row, colour);
          result.push(sum);
        }
      }
    }
    return result;
  }

  it.each([
    ['reduces', { left: 0, top: 0, right: 60, bottom: 40 }, 17, 9],
    ['enlarges', { left: 3.2, top: 5.7, right: 11.9, bottom: 9 }, 40, 30],
    ['repeats the border', { left: -20.5, top: -9, right: 75, bottom: 60.25 }, 33, 21],
    ['sees the border alone from far outside', { left: 900, top: -800, right: 960, bottom: -700 }, 5, 6],
    ['copies pixels', { left: 3, top: 2, right: 40, bottom: 31 }, 37, 29],
    ['copies pixels of the border', { left: -5, top: -3, right: 66, bottom: 44 }, 71, 47],
    ['makes one pixel of all', { left: 0, top: 0, right: 60, bottom: 40 }, 1, 1],
  ])('%s as the definition says', (_, source, width, height) => {
    const raster = noise(60, 40);
    const expected = reference(raster, source, width, height);
    const found = resize(raster, source, width, height);
    expect(found.length).toBe(expected.length);
    found.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 2);
    });
  });

  it('writes its part of a larger image, and nothing else', () => {
    const data = new Float32Array(3 * 8 * 8).fill(-1);
    const window = { left: 3, top: 2, right: 7, bottom: 6 };
    const raster = slope(4, 4);
    resizeInto(canvasOn(data, { width: 8, height: 8 }, 'planes'), window, raster, wholeOf(raster));
    for (let plane = 0; plane < 3; plane++) {
      for (let y = 0; y < 8; y++) {
        for (let x = 0; x < 8; x++) {
          const inside = x >= 3 && x < 7 && y >= 2 && y < 6;
          const value = [2 * (x - 3), 3 * (y - 2), 77][plane]!;
          expect(data[plane * 64 + y * 8 + x]).toBeCloseTo(inside ? value : -1, 4);
        }
      }
    }
  });

  it.each([
    ['a part that is enlarged', { left: 3.2, top: 5.7, right: 11.9, bottom: 9 }],
    ['a part at its own size', { left: 3, top: 2, right: 40, bottom: 31 }],
    ['all and its border', { left: -20.5, top: -9, right: 75, bottom: 60.25 }],
  ])('mirrors %s', (_, source) => {
    const [plain, mirrored] = [false, true].map((asked) => resize(noise(60, 40), source, 37, 29, asked));
    plain!.forEach((value, at) => {
      const column = at % 37;
      expect(mirrored![at - column + 36 - column]).toBe(value);
    });
  });

  const side = () => fc.double({ min: -500, max: 500, noNaN: true });

  it('stays within the values of the raster, whatever the rectangle', () => {
    fc.assert(
      fc.property(
        fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) }),
        fc.record({ left: side(), top: side(), right: side(), bottom: side() }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        (size, box, width, height) => {
          const source = {
            left: Math.min(box.left, box.right),
            right: Math.max(box.left, box.right) + 0.01,
            top: Math.min(box.top, box.bottom),
            bottom: Math.max(box.top, box.bottom) + 0.01,
          };
          const values = resize(noise(size.width, size.height), source, width, height);
          expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...values)).toBeLessThan(255.01);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('warp', () => {
  const identity: Affine = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };

  it.each(['linear', 'cubic'] as const)(
    'leaves a raster as it is under the identity: %s',
    (interpolation) => {
      const raster = noise(31, 17);
      expect(warp(raster, identity, 31, 17, interpolation).data).toEqual(raster.data);
    },
  );

  it('turns a raster by a quarter', () => {
    const raster = noise(12, 9);
    // Target (x, y) is the source's (y, 9 - x).
    const turned = warp(raster, { a: 0, b: 1, c: 0, d: -1, e: 0, f: 9 }, 9, 12);
    for (let y = 0; y < 12; y++)
      for (let x = 0; x < 9; x++)
        for (let colour = 0; colour < 3; colour++)
          expect(at(turned, x, y, colour)).toBe(at(raster, y, 8 - x, colour));
  });

  it.each([
    ['one sample', { a: 0.8, b: 0.3, c: 4.3, d: -0.3, e: 0.8, f: 12.9 }],
    ['four samples', { a: 1.6, b: 0.5, c: 3.1, d: -0.5, e: 1.6, f: 20.4 }],
  ])('interpolates a slope to within a step, %s a pixel', (_, map) => {
    const raster = slope(80, 60);
    const warped = warp(raster, map, 24, 20);
    for (let y = 0; y < 20; y++) {
      for (let x = 0; x < 24; x++) {
        const sourceX = map.a * (x + 0.5) + map.b * (y + 0.5) + map.c - 0.5;
        const sourceY = map.d * (x + 0.5) + map.e * (y + 0.5) + map.f - 0.5;
        expect(Math.abs(at(warped, x, y, 0) - 2 * sourceX)).toBeLessThan(1);
        expect(Math.abs(at(warped, x, y, 1) - 3 * sourceY)).toBeLessThan(1);
        expect(at(warped, x, y, 2)).toBe(77);
      }
    }
  });

  it('interpolates by cubic convolution between pixels, as its definition says', () => {
    const raster = noise(23, 19);
    const kernel = (distance: number) => {
      const x = Math.abs(distance);
      if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
      return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
    };
    const map = { a: 0.41, b: 0.2, c: -1.3, d: -0.2, e: 0.41, f: 7.6 };
    const warped = warp(raster, map, 50, 40, 'cubic');
    for (let y = 0; y < 40; y++) {
      for (let x = 0; x < 50; x++) {
        const [column, row] = [
          Math.min(Math.max(map.a * (x + 0.5) + map.b * (y + 0.5) + map.c - 0.5, 0), 22),
          Math.min(Math.max(map.d * (x + 0.5) + map.e * (y + 0.5) + map.f - 0.5, 0), 18),
        ];
        let sum = 0;
        for (let j = Math.floor(row) - 1; j <= Math.floor(row) + 2; j++)
          for (let i = Math.floor(column) - 1; i <= Math.floor(column) + 2; i++)
            sum += kernel(column - i) * kernel(row - j) * at(raster, i, j, 0);
        // Positions are known to 1/256 of a pixel, between which the noise changes by up to 2.
        expect(Math.abs(at(warped, x, y, 0) - Math.min(Math.max(sum, 0), 255))).toBeLessThan(3);
      }
    }
  });

  it('reduces a raster alike, whatever it interpolates by', () => {
    const map = { a: 1.6, b: 0.5, c: 3.1, d: -0.5, e: 1.6, f: 20.4 };
    expect(warp(noise(80, 60), map, 24, 20, 'cubic')).toEqual(warp(noise(80, 60), map, 24, 20));
  });

  it.each(['linear', 'cubic'] as const)('repeats the border outside, near and far: %s', (interpolation) => {
    const raster = noise(5, 4);
    for (const shift of [-3, -1e4, -1e9]) {
      const corner = warp(raster, { ...identity, c: shift, f: shift }, 3, 3, interpolation);
      for (let x = 0; x < 3; x++) expect(at(corner, x, 1, 1)).toBe(at(raster, 0, 0, 1));
    }
    const right = warp(raster, { ...identity, c: 1e9 }, 3, 4, interpolation);
    for (let y = 0; y < 4; y++) expect(at(right, 1, y, 2)).toBe(at(raster, 4, y, 2));
  });

  it('answers for every map, however wild', () => {
    const number = fc.double({ min: -1e7, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(fc.record({ a: number, b: number, c: number, d: number, e: number, f: number }), (map) => {
        for (const interpolation of ['linear', 'cubic'] as const)
          expect(warp(noise(9, 7), map, 8, 6, interpolation).data.length).toBe(8 * 6 * 3);
      }),
    );
  });

  it('begins from a reduced view where the picture is much larger', () => {
    const picture = rasterPicture(slope(120, 80));
    const chip = warpPicture(picture, { a: 0.2, b: 0, c: 0, d: 0, e: 0.2, f: 0 }, 24, 16);
    // The target's pixel (10, 5) is about the picture's (52.5, 27.5).
    expect(Math.abs(at(chip, 10, 5, 0) - 2 * 52)).toBeLessThanOrEqual(2);
    expect(Math.abs(at(chip, 10, 5, 1) - 3 * 27)).toBeLessThanOrEqual(3);
  });
});

describe('halve', () => {
  it.each([
    [1, 1],
    [2, 1],
    [7, 5],
    [8, 6],
    [37, 3],
    [1001, 21],
  ])('averages every four pixels of %d×%d, and an odd last one with itself', (width, height) => {
    const raster = noise(width, height);
    const { data, ...size } = halve(raster);
    expect(size).toEqual({ width: Math.ceil(width / 2), height: Math.ceil(height / 2) });
    const means = Array.from(data, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % size.width, Math.floor(i / 3 / size.width)];
      const four = [0, 1].flatMap((down) =>
        [0, 1].map((right) => at(raster, 2 * x + right, 2 * y + down, i % 3)),
      );
      return Math.floor(four.reduce((sum, value) => sum + value, 2) / 4);
    });
    expect([...data]).toEqual(means);
  });
});
