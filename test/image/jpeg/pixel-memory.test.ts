import { expect, it } from 'vitest';
import { giveBack, takeRaster } from '../../../src/image/jpeg/pixel-memory.ts';
import type { Raster } from '../../../src/image/raster.ts';

const isShared = ({ data }: Raster) => data.buffer instanceof SharedArrayBuffer;

it('memory of a picture is that of the last one, which other threads can look at', () => {
  const first = takeRaster(300, 200);
  giveBack([first]);
  const second = takeRaster(200, 200);
  expect(isShared(first)).toBe(true);
  expect(second.data.buffer).toBe(first.data.buffer);
  giveBack([second]);
});

it('pictures of ever larger sizes have little memory that is not counted', () => {
  const rasters = Array.from({ length: 20 }, (_, index) => {
    const raster = takeRaster(1000 + 10 * index, 1000);
    giveBack([raster]);
    return raster;
  });
  const shared = new Set(rasters.filter(isShared).map(({ data }) => data.buffer));
  expect(shared.size).toBeGreaterThan(2);
  expect([...shared].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(25e6);
  expect(isShared(rasters.at(-1)!)).toBe(false);
});
