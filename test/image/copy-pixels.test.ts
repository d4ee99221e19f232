import { describe, expect, it } from 'vitest';
import {
  copyPixels,
  freeBytes,
  type PartialRaster,
  partialRaster,
  pixelAt,
  placeFor,
} from '../../src/image/raster.ts';

const [width, height] = [13, 7];
const data = new Uint8Array(new SharedArrayBuffer(3 * width * height + 5), 5);
data.set(data.map((_, index) => index));
const whole: PartialRaster = { width, height, data };
const held = { left: 2, top: 1, right: 12, bottom: 6 };
const part = partialRaster(whole, held, new Uint8Array(3 * 10 * 5));

describe.each([
  ['all of a raster', whole, { left: 0, top: 0, right: width, bottom: height }],
  ['a part of it', whole, { left: 3, top: 2, right: 10, bottom: 5 }],
  ['more than it has', whole, { left: -4, top: -2, right: 17, bottom: 9 }],
  ['what is held of it', part, held],
  ['a part of that', part, { left: 5, top: 2, right: 8, bottom: 6 }],
])('Pixels of %s', (_, raster, box) => {
  const from = 9;
  const columns = box.right - box.left;
  const rows = box.bottom - box.top;
  const place = placeFor(raster, box, from);
  const target = new Uint8Array(place.at + rows * place.rowBytes);
  copyPixels(raster, box, target, place);

  it('are copied, the border again outside the raster', () => {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const column = Math.min(Math.max(box.left + x, 0), width - 1);
        const row = Math.min(Math.max(box.top + y, 0), height - 1);
        const at = place.at + y * place.rowBytes + 3 * x;
        const index = pixelAt(whole, column, row);
        expect(target.subarray(at, at + 3)).toEqual(data.subarray(index, index + 3));
      }
    }
  });

  it('lie like those of the raster, counted from a multiple of eight', () => {
    const sourceRow = pixelAt(raster, 0, 1) - pixelAt(raster, 0, 0);
    const first = raster.data.byteOffset + pixelAt(raster, box.left, Math.max(box.top, 0));
    expect(Math.abs(place.at - first) % 8).toBe(0);
    expect(Math.abs(place.rowBytes - sourceRow) % 8).toBe(0);
    expect(place.at - from).toBeLessThanOrEqual(freeBytes);
    expect(place.rowBytes - 3 * columns).toBeLessThanOrEqual(freeBytes);
  });
});
