import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { encodePng } from '../../src/image/encode-png.ts';

it.each([
  [1, 1],
  [7, 5],
  [150, 150],
])('writes a %d×%d raster that an independent decoder reads back', (width, height) => {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i) % 251);
  const png = PNG.sync.read(Buffer.from(encodePng({ width, height, data })));
  expect([png.width, png.height]).toEqual([width, height]);
  expect(png.data.filter((_, i) => i % 4 !== 3)).toEqual(Buffer.from(data));
});
