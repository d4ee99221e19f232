import { expect, it } from 'vitest';
import { pieces, takeRaster, wholePictures } from '../../../src/image/jpeg/pixel-memory.ts';
import type { Raster } from '../../../src/image/raster.ts';

const isShared = ({ data }: Raster) => data.buffer instanceof SharedArrayBuffer;

it('memory of a picture is that of the last one, which other threads can look at', () => {
  const first = takeRaster(wholePictures, 300, 200);
  wholePictures.giveBack([first.data]);
  const second = takeRaster(wholePictures, 200, 200);
  expect(isShared(first)).toBe(true);
  expect(second.data.buffer).toBe(first.data.buffer);
  wholePictures.giveBack([second.data]);
});

it('pictures of ever larger sizes have little memory that is not counted', () => {
  const rasters = Array.from({ length: 20 }, (_, index) => {
    const raster = takeRaster(wholePictures, 1000 + 10 * index, 1000);
    wholePictures.giveBack([raster.data]);
    return raster;
  });
  const shared = new Set(rasters.filter(isShared).map(({ data }) => data.buffer));
  expect(shared.size).toBeGreaterThan(2);
  expect([...shared].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(25e6);
  expect(isShared(rasters.at(-1)!)).toBe(false);
});

it('memory of pieces is never shared, and has no more than twice the bytes that are asked for', () => {
  const first = pieces.take(1000);
  pieces.giveBack([first]);
  expect(pieces.take(499).buffer).not.toBe(first.buffer);
  const second = pieces.take(500);
  expect(second.buffer).toBe(first.buffer);
  expect(second.length).toBe(500);
  expect(pieces.take(500).buffer).not.toBe(first.buffer);
  expect(second.buffer).toBeInstanceOf(ArrayBuffer);
});
