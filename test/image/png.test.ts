import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { decoded, difference, independently } from './independent.ts';
import { writeChunks } from './write-chunks.ts';
import { type PngFile, writePng } from './write-png.ts';

const kinds: readonly (readonly [name: string, colourType: number, depths: readonly number[]])[] = [
  ['grey', 0, [1, 2, 4, 8, 16]],
  ['RGB', 2, [8, 16]],
  ['palette', 3, [1, 2, 4, 8]],
  ['grey and alpha', 4, [8, 16]],
  ['RGB and alpha', 6, [8, 16]],
];

const cases = kinds.flatMap(([name, colourType, depths]) =>
  depths.flatMap((depth) => [false, true].map((interlaced) => ({ name, colourType, depth, interlaced }))),
);

/** Waves of another length and direction in each channel, so that no two neighbours are alike. */
const waves = (depth: number) => (x: number, y: number, channel: number) => {
  const wave = Math.sin(x / (5 + channel) + channel) * Math.cos(y / (7 - channel));
  return Math.round(((wave + 1) / 2) * (2 ** depth - 1));
};

const palette = (depth: number) =>
  Uint8Array.from({ length: 3 * 2 ** depth }, (_, at) => (at * 89 + (at % 3) * 53) & 255);

function fileOf(kind: (typeof cases)[number], size: readonly [number, number]): PngFile {
  const [width, height] = size;
  const chunks = kind.colourType === 3 ? [{ name: 'PLTE', data: palette(kind.depth) }] : [];
  return { ...kind, width, height, sample: waves(kind.depth), chunks };
}

describe.each(cases)('$name of $depth bits, interlaced: $interlaced', (kind) => {
  // Sizes at which rows end within a byte and passes of an interlaced picture are empty.
  it.each([
    [61, 47],
    [1, 1],
    [3, 9],
  ])('%d×%d is read as libvips reads it', async (width, height) => {
    const bytes = writePng(fileOf(kind, [width, height]));
    // libvips cuts 16 bits off to 8, ours are rounded; on white, both round once more.
    const tolerance = kind.depth === 16 || kind.colourType >= 4 ? 1 : 0;
    const { most } = difference(await decoded(bytes), await independently(bytes));
    expect(most).toBeLessThanOrEqual(tolerance);
  });
});

it('lays transparent colours and palette entries on white', async () => {
  const size = { width: 16, height: 16, interlaced: false };
  const sample = (x: number, y: number, channel: number) => (channel === 0 ? x : y) % 16;
  const files: PngFile[] = [
    { ...size, colourType: 0, depth: 4, sample, chunks: [{ name: 'tRNS', data: Uint8Array.of(0, 5) }] },
    {
      ...size,
      colourType: 2,
      depth: 8,
      sample,
      chunks: [{ name: 'tRNS', data: Uint8Array.of(0, 3, 0, 7, 0, 7) }],
    },
    {
      ...size,
      colourType: 3,
      depth: 4,
      sample,
      chunks: [
        { name: 'PLTE', data: palette(4) },
        { name: 'tRNS', data: Uint8Array.from({ length: 10 }, (_, at) => at * 25) },
      ],
    },
  ];
  for (const file of files) {
    const bytes = writePng(file);
    const raster = await decoded(bytes);
    expect(difference(raster, await independently(bytes)).most).toBeLessThanOrEqual(1);
    expect([...raster.data]).toContain(255);
  }
});

it('agrees with pngjs on what pngjs writes', async () => {
  const picture = new PNG({ width: 40, height: 30 });
  for (let at = 0; at < picture.data.length; at++) picture.data[at] = at % 4 === 3 ? 255 : (at * at) % 251;
  const raster = await decoded(PNG.sync.write(picture));
  expect(Buffer.from(raster.data)).toEqual(picture.data.filter((_, at) => at % 4 !== 3));
});

describe('a damaged file', () => {
  const grey = (width: number, height: number, data: Uint8Array) => {
    const header = new Uint8Array(13);
    new DataView(header.buffer).setUint32(0, width);
    new DataView(header.buffer).setUint32(4, height);
    header[8] = 8;
    return writeChunks([
      { name: 'IHDR', data: header },
      { name: 'IDAT', data },
      { name: 'IEND', data: new Uint8Array(0) },
    ]);
  };
  const whole = writePng(fileOf(cases.find(({ depth }) => depth === 8)!, [64, 64]));
  const flipped = (at: number) => whole.map((byte, index) => (index === at ? byte ^ 0x55 : byte));
  const failures: [string, Uint8Array, RegExp][] = [
    ['without pixels', grey(0, 5, new Uint8Array(0)), /without pixels/],
    ['whose header ends early', whole.subarray(0, 20), /without a header/],
    ['cut off within its data', whole.subarray(0, whole.length - 400), /ends before its last row/],
    ['whose data is too short', grey(10, 10, deflateSync(new Uint8Array(50))), /ends before its last row/],
    ['of a filter that does not exist', grey(1, 1, deflateSync(Uint8Array.of(9, 0))), /filter 9/],
    ['whose data is no deflate stream', grey(4, 4, Uint8Array.of(1, 2, 3, 4)), /damaged PNG data/],
    ['with a bit flipped in the header', flipped(26), /checksum/],
    ['with a bit flipped in the data', flipped(80), /checksum/],
    ['of a palette that is missing', writePng({ ...fileOf(cases[14]!, [4, 4]), chunks: [] }), /palette/],
  ];
  it.each(failures)('%s says what is wrong', async (_, bytes, reason) => {
    await expect(decoded(bytes)).rejects.toMatchObject({ code: 'IMAGE_DECODING_FAILED', message: reason });
  });

  it('that inflates to gigabytes is read no further than its last row', async () => {
    // 2 GiB of zeros behind ten rows: 2 MB deflated, 1000 times that inflated.
    const piece = deflateSync(new Uint8Array(2 ** 25), { level: 9 });
    const { data } = await decoded(grey(100, 10, piece));
    expect(data.every((value) => value === 0)).toBe(true);
  });
});
