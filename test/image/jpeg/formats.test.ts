import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { difference } from '../independent.ts';
import { type EncodeOptions, encodeJpeg, progressiveScript, type ScanScript } from './encoder.ts';
import { testPlanes } from './planes.ts';
import { decode, pixels, reference } from './support.ts';

const size = { width: 101, height: 77 };
type Factors = readonly [number, number];
const subsampled = (luminance: Factors, ids?: number[]) => testPlanes([luminance, [1, 1], [1, 1]], ids);

/** What the two decoders may differ by: the inverse DCTs round at different places. */
async function expectAsLibjpeg(bytes: Uint8Array): Promise<void> {
  const { mean, most } = difference(pixels(await decode(bytes)), await reference(bytes));
  expect(mean).toBeLessThan(0.1);
  expect(most).toBeLessThanOrEqual(4);
}

const samplings: readonly Factors[] = [
  [1, 1],
  [2, 1],
  [1, 2],
  [2, 2],
  [4, 1],
  [1, 4],
  [4, 2],
  [2, 4],
  [3, 1],
];
const separate: readonly ScanScript[] = [{ components: [0] }, { components: [1] }, { components: [2] }];
/** libjpeg takes ten blocks an MCU at most: here no scan has more than one. */
const separateProgressive = progressiveScript.flatMap((scan) =>
  scan.components.map((component) => ({ ...scan, components: [component] })),
);
const kinds: readonly [string, Partial<EncodeOptions>][] = [
  ['baseline', {}],
  ['baseline with restarts', { restart: 5 }],
  ['baseline with long codes', { longCodes: true }],
  ['baseline, a scan a component', { scans: separate }],
  ['progressive', { progressive: true, scans: progressiveScript, longCodes: true }],
  [
    'progressive with restarts',
    { progressive: true, scans: separateProgressive, longCodes: true, restart: 3 },
  ],
];

describe.each(kinds)('%s', (_, options) => {
  it.each(samplings)('luminance sampled %d×%d', async (h, v) => {
    await expectAsLibjpeg(encodeJpeg({ ...size, ...options, planes: subsampled([h, v]) }));
  });
});

it.each([
  [1, 1],
  [8, 8],
  [9, 2],
  [3, 40],
  [17, 16],
  [640, 1],
])('%d×%d pixels, subsampled', async (width, height) => {
  await expectAsLibjpeg(encodeJpeg({ width, height, planes: subsampled([2, 2]) }));
});

it.each([
  [3, 3],
  [4, 4],
] as const)('MCUs of %d×%d luminance blocks', async (h, v) => {
  await expectAsLibjpeg(encodeJpeg({ ...size, scans: separate, planes: subsampled([h, v]) }));
});

it('chrominance planes of different sampling', async () => {
  await expectAsLibjpeg(
    encodeJpeg({
      ...size,
      planes: testPlanes([
        [2, 2],
        [2, 1],
        [1, 2],
      ]),
    }),
  );
});

it('sampling that is no whole multiple, which libjpeg refuses', async () => {
  const planes = (factors: Factors) =>
    testPlanes([factors, [2, 2], [2, 2]]).map((plane) => ({ ...plane, sample: smooth }));
  const odd = pixels(await decode(encodeJpeg({ ...size, planes: planes([3, 3]) })));
  const even = pixels(await decode(encodeJpeg({ ...size, planes: planes([2, 2]) })));
  expect(difference(odd, even).mean).toBeLessThan(1.5);
});
const smooth = (x: number, y: number) => 60 + x + y / 2;

it.each([1, 2])('one plane, whatever its factors (%d)', async (factor) => {
  await expectAsLibjpeg(encodeJpeg({ ...size, planes: testPlanes([[factor, factor]]) }));
});

it('names of components: RGB is not converted', async () => {
  await expectAsLibjpeg(encodeJpeg({ ...size, planes: subsampled([1, 1], [82, 71, 66]) }));
});

const adobe = (transform: number) =>
  Uint8Array.of(0xff, 0xee, 0, 14, ...new TextEncoder().encode('Adobe'), 0, 100, 0, 0, 0, 0, transform);

it.each([0, 1])('three components with Adobe’s transform %d', async (transform) => {
  await expectAsLibjpeg(encodeJpeg({ ...size, segments: [adobe(transform)], planes: subsampled([1, 1]) }));
});

it.each([
  ['CMYK', []],
  ['CMYK with Adobe’s marker', [adobe(0)]],
  ['YCCK', [adobe(2)]],
])('%s', async (_, segments) => {
  const planes = testPlanes([
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  const bytes = encodeJpeg({ ...size, segments, planes });
  // Ink by libjpeg; ink to light by multiplication, since we apply no colour profiles.
  const ink = await sharp(bytes).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
  const data = Uint8Array.from({ length: 3 * size.width * size.height }, (_, i) => {
    const pixel = 4 * Math.floor(i / 3);
    return Math.round(((255 - ink[pixel + (i % 3)]!) * (255 - ink[pixel + 3]!)) / 255);
  });
  const { mean, most } = difference(pixels(await decode(bytes)), { ...size, data });
  expect(mean).toBeLessThan(0.1);
  expect(most).toBeLessThanOrEqual(4);
});

it('a frame of a Motion JPEG stream, which has no Huffman tables', async () => {
  await expectAsLibjpeg(encodeJpeg({ ...size, planes: subsampled([2, 1]), writeTables: false }));
});

describe('photographs', () => {
  const read = (name: string) => readFile(`node_modules/@vladmandic/face-api/demo/${name}.jpg`);

  it.each([1, 2, 3, 4, 5, 6])('sample%d', async (number) => {
    await expectAsLibjpeg(await read(`sample${number}`));
  });

  it.each([
    { progressive: true, quality: 90 },
    { progressive: true, mozjpeg: true, quality: 70 },
    { chromaSubsampling: '4:4:4', quality: 97 },
    { progressive: true, chromaSubsampling: '4:4:4', quality: 30 },
  ])('encoded with %o', async (options) => {
    await expectAsLibjpeg(
      await sharp(await read('sample2'))
        .jpeg(options)
        .toBuffer(),
    );
  });
});
