import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { encodePng, usePng } from '../../src/image/encode-png.ts';
import { pixelKernels } from '../../src/image/kernels.ts';
import { codersMemory, ZlibWriter } from '../../src/image/png/entropy-code.ts';

describe('encodePng', () => {
  it.each([
    [1, 1],
    [7, 5],
    [150, 150],
    [500, 300], // more than one block
    [90_000, 3], // rows that are longer than a block
  ])('writes a %d×%d raster that independent decoders read back', async (width, height) => {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i) % 251);
    const file = Buffer.from(encodePng({ width, height, data }));
    const png = PNG.sync.read(file);
    expect([png.width, png.height]).toEqual([width, height]);
    expect(
      Buffer.compare(
        png.data.filter((_, i) => i % 4 !== 3),
        data,
      ),
    ).toBe(0);
    expect((await sharp(file).raw().toBuffer()).equals(data)).toBe(true);
  });
});

describe('usePng', () => {
  it('lends the file for the time of a call', () => {
    const raster = { width: 20, height: 10, data: Uint8Array.from({ length: 600 }, (_, i) => i) };
    const file = encodePng(raster);
    encodePng({ width: 1, height: 1, data: new Uint8Array(3) });
    expect(usePng(raster, (lent) => lent.slice())).toEqual(file);
    expect(usePng(raster, encodeBase64)).toBe(Buffer.from(file).toString('base64'));
  });
});

describe('ZlibWriter', () => {
  it('is read back by zlib, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 1, max: 4 }), (bytes, goes) => {
        expect(inflateSync(zlibOf(bytes, goes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['one value', new Uint8Array(1_000)],
    ['all values alike, in several blocks', Uint8Array.from({ length: 600_000 }, (_, i) => i * 7)],
    ['frequencies that would take codes of more than 15 bits', fibonacci()],
  ])('writes %s', (_, bytes) => {
    const stream = zlibOf(bytes);
    expect(inflateSync(stream).equals(bytes)).toBe(true);
    expect(stream.length).toBeLessThan(bytes.length * 1.01 + 200);
  });
});

/** The stream of some bytes, which come in so many goes. */
function zlibOf(bytes: Uint8Array, goes = 1): Uint8Array {
  const start = codersMemory + bytes.length;
  new Uint8Array(pixelKernels().reserve(start)).set(bytes, codersMemory);
  const writer = new ZlibWriter(start);
  for (let go = 0; go < goes; go++) {
    const [from, to] = [go, go + 1].map((part) => Math.floor((part * bytes.length) / goes)) as [
      number,
      number,
    ];
    writer.write(codersMemory + from, to - from, go === goes - 1);
  }
  const end = writer.finish();
  return new Uint8Array(pixelKernels().reserve(end)).slice(start, end);
}

/** Each byte value about as often as both before it together: the deepest Huffman tree for its length. */
function fibonacci(): Uint8Array {
  const bytes: number[] = [];
  for (let value = 0, count = 1, next = 1; value < 24; value++) {
    bytes.push(...new Array<number>(count).fill(value));
    [count, next] = [next, count + next];
  }
  return Uint8Array.from(bytes);
}
