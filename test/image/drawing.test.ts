import { expect, it } from 'vitest';
import { canvasAround, canvasOn } from '../../src/image/canvas.ts';
import { type Drawing, draw, nothingToSee, seenBy } from '../../src/image/drawing.ts';
import { area } from '../../src/image/geometry.ts';
import { partialRaster, type Raster } from '../../src/image/raster.ts';

const size = { width: 24, height: 20 };
const raster: Raster = {
  width: 90,
  height: 70,
  data: Uint8Array.from({ length: 90 * 70 * 3 }, (_, index) => (index * index * 31 + index * 7) % 256),
};

function drawn(drawing: Drawing): Float32Array {
  const planes = new Float32Array(3 * size.width * size.height);
  draw(drawing, canvasOn(planes, size, 'planes'));
  return planes;
}

const whole = { left: 0, top: 0, right: 24, bottom: 20 };
const enlarged = { left: 30.3, top: 20.7, right: 41.9, bottom: 30.1 };
const reduced = { left: 10.25, top: 5.5, right: 70.75, bottom: 60.5 };
const atPixels = { left: 11, top: 12, right: 35, bottom: 32 };

const drawings: [string, Drawing][] = [
  ['a part that is enlarged', { raster, source: enlarged, mirrored: false }],
  ['its mirror image', { raster, source: enlarged, mirrored: true }],
  ['a part that is reduced', { raster, source: reduced, window: whole }],
  ['one at its own size', { raster, source: atPixels, window: whole }],
  ['one in a window', { raster, source: reduced, window: { left: 3, top: 2, right: 20, bottom: 19 } }],
  ['one across a border', { raster, source: { ...reduced, left: -30, bottom: 90 }, mirrored: false }],
  ['one outside', { raster, source: { left: -50, top: 80, right: -20, bottom: 99 }, mirrored: false }],
  ['one that is turned', { raster, toSource: { a: 0.8, b: -0.5, c: 35, d: 0.5, e: 0.8, f: 9 } }],
  ['one that is turned and reduced', { raster, toSource: { a: 1.6, b: -1, c: 40, d: 1, e: 1.6, f: -20 } }],
  ['nothing', nothingToSee],
];

it.each(drawings)('a drawing is the same from the pixels that it takes alone: %s', (_, drawing) => {
  const seen = seenBy(drawing, size);
  const held = partialRaster(drawing.raster, seen, new Uint8Array(3 * area(seen)));
  expect(drawn({ ...drawing, raster: held })).toEqual(drawn(drawing));
});

it.each(drawings)('a drawing is the same in bands of rows: %s', (_, drawing) => {
  const { width, height } = size;
  const pixels = new Float32Array(3 * width * height);
  draw(drawing, canvasOn(pixels, size, 'pixels'));
  for (const [from, end] of [
    [0, 1],
    [1, 7],
    [7, 20],
  ] as const) {
    const band = new Float32Array(3 * width * (end - from));
    const canvas = canvasOn(band, { width, height: end - from }, 'pixels');
    draw(drawing, canvasAround(canvas, { from, end }, height));
    expect(band).toEqual(pixels.subarray(3 * width * from, 3 * width * end));
  }
});

it('is grey around its window', () => {
  const planes = drawn({ raster, source: reduced, window: { left: 3, top: 2, right: 20, bottom: 19 } });
  expect(planes.filter((value) => value === 127.5).length).toBeGreaterThanOrEqual(3 * (24 * 20 - 17 * 17));
  expect(drawn(nothingToSee).every((value) => value === 127.5)).toBe(true);
});
