import { describe, expect, it } from 'vitest';
import { decoded } from './independent.ts';
import { type BmpFile, writeBmp } from './write-bmp.ts';

/** Four colours, and the pixels of a picture of 2×2 that has them: the second row is the first in the file. */
const palette = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [9, 8, 7],
] as const;
const [red, green, blue, dark] = palette;
const expected = [...red, ...green, ...blue, ...dark];

const rgb = (row: readonly (readonly number[])[]) => row.flatMap(([r, g, b]) => [b!, g!, r!]);
const rows24 = Uint8Array.of(...rgb([blue, dark]), 0, 0, ...rgb([red, green]), 0, 0);
const indexed = Uint8Array.of(0x23, 0, 0, 0, 0x01, 0, 0, 0);

const files: [string, BmpFile][] = [
  ['24 bits', { width: 2, height: 2, bits: 24, pixels: rows24 }],
  [
    'rows from the top',
    {
      width: 2,
      height: -2,
      bits: 24,
      pixels: Uint8Array.of(...rows24.subarray(8), ...rows24.subarray(0, 8)),
    },
  ],
  [
    '4 bits, with the header of OS/2 1',
    { width: 2, height: 2, bits: 4, header: 12, palette, pixels: indexed },
  ],
  [
    '4 bits, with the shortest header of OS/2 2',
    { width: 2, height: 2, bits: 4, header: 16, palette, pixels: indexed },
  ],
  [
    '24 bits, with the longest header of OS/2 2',
    { width: 2, height: 2, bits: 24, header: 64, pixels: rows24 },
  ],
  [
    '2 bits, as Windows CE has them',
    { width: 2, height: 2, bits: 2, palette, pixels: Uint8Array.of(0xb0, 0, 0, 0, 0x10, 0, 0, 0) },
  ],
  [
    'run lengths of 8 bits: a run, single pixels, the end of a row, a jump',
    {
      width: 2,
      height: 2,
      bits: 8,
      compression: 1,
      palette,
      // Blue, and a jump one to the right and none up; then the dark one by itself.
      pixels: Uint8Array.of(1, 2, 1, 3, 0, 0, 0, 2, 0, 0, 1, 0, 1, 1, 0, 1),
    },
  ],
  [
    'run lengths of 4 bits: two colours by turns',
    {
      width: 2,
      height: 2,
      bits: 4,
      compression: 2,
      palette,
      pixels: Uint8Array.of(2, 0x23, 0, 0, 2, 0x01, 0, 1),
    },
  ],
  [
    'run lengths of 24 bits, which OS/2 2 has',
    {
      width: 2,
      height: 2,
      bits: 24,
      header: 64,
      compression: 4,
      pixels: Uint8Array.of(
        1,
        ...rgb([blue]),
        1,
        ...rgb([dark]),
        0,
        0,
        1,
        ...rgb([red]),
        1,
        ...rgb([green]),
        0,
        1,
      ),
    },
  ],
];

describe('BMP', () => {
  it.each(files)('%s', async (_, file) => {
    expect([...(await decoded(writeBmp(file))).data]).toEqual(expected);
  });

  it.each([
    ['5-5-5', undefined, 0, [0x7c00, 0x03e0]],
    ['5-6-5', [0xf800, 0x07e0, 0x001f], 3, [0xf800, 0x07e0]],
  ] as const)('16 bits: %s', async (_, masks, compression, [first, second]) => {
    const pixels = new Uint8Array(Uint16Array.of(first, second).buffer);
    const file = { width: 2, height: 1, bits: 16, compression, ...(masks && { masks }), pixels };
    expect([...(await decoded(writeBmp(file))).data]).toEqual([255, 0, 0, 0, 255, 0]);
  });

  it('alpha that is declared lies on white, and alpha that is 0 everywhere was never meant', async () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
    const file = { width: 2, height: 1, bits: 32, compression: 3, header: 124, masks };
    const half = await decoded(writeBmp({ ...file, pixels: Uint8Array.of(0, 0, 200, 51, 1, 2, 3, 255) }));
    expect([...half.data]).toEqual([244, 204, 204, 3, 2, 1]);
    const none = await decoded(writeBmp({ ...file, pixels: Uint8Array.of(0, 0, 200, 0, 1, 2, 3, 0) }));
    expect([...none.data]).toEqual([200, 0, 0, 3, 2, 1]);
  });

  it.each([
    ['an unknown compression', { compression: 5 }, 'compression 5'],
    ['impossible bits', { bits: 7 }, '7 bits'],
    ['no pixels', { width: 0 }, 'without pixels'],
    ['most of its rows missing', { height: 5 }, '60% is missing'],
  ])('%s', async (_, change, reason) => {
    const bytes = writeBmp({ width: 2, height: 2, bits: 24, pixels: rows24, ...change });
    await expect(decoded(bytes)).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining(reason),
    });
  });
});
