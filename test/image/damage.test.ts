import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { PhizError } from '../../src/errors.ts';
import { decodePicture } from '../../src/image/decode.ts';
import { pathOf } from '../contract/samples.ts';
import { readAsset } from '../models/assets.ts';
import { decoded, difference } from './independent.ts';
import { crop } from './jpeg/support.ts';
import { writeBmp } from './write-bmp.ts';

const options = { maxDimension: 1_000, maxPixels: 1e6, exifOrientation: true, partialImages: true };
const size = { width: 320, height: 213 };

/** What is left of each format where the file is cut off, and the share of its pixels that is. */
const photograph = () => sharp(pathOf('sample1.jpg')).resize(size.width, size.height);
const formats: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  JPEG: () => photograph().jpeg({ quality: 90 }).toBuffer(),
  PNG: () => photograph().png({ adaptiveFiltering: true }).toBuffer(),
  WebP: () => photograph().webp({ quality: 90 }).toBuffer(),
  'lossless WebP': () => photograph().webp({ lossless: true }).toBuffer(),
  GIF: () => photograph().gif().toBuffer(),
  TIFF: () => photograph().tiff({ compression: 'lzw', tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(),
  BMP: async () =>
    writeBmp({
      width: size.width,
      height: -size.height,
      bits: 24,
      pixels: await photograph().raw().toBuffer(),
    }),
};

describe.each(Object.entries(formats))('%s that is cut off', (name, make) => {
  let bytes: Uint8Array;
  beforeAll(async () => {
    bytes = new Uint8Array(await make());
  });

  it('is looked at if at least half is there, and says what is missing', async () => {
    // A TIFF has its directory at its end: what is lost is pixels in the middle.
    const cut =
      name === 'TIFF'
        ? bytes.slice().fill(0, bytes.length * 0.5, bytes.length * 0.75)
        : bytes.subarray(0, bytes.length * 0.75);
    const picture = await decodePicture(cut, options, { readAsset });
    expect(picture.warnings).toEqual([
      expect.stringMatching(/^the picture is a \w+ of which [123]\d% is missing or damaged$/),
    ]);
    const { raster } = picture.view({ left: 0, top: 0, right: size.width, bottom: size.height }, 1);
    const [part, whole] = [raster, await decoded(bytes)].map((each) => crop(each, 0, 0, size.width, 60));
    expect(difference(part!, whole!).most).toBe(0);
    // Grey at the end, wherever rows follow one another.
    if (name !== 'TIFF') expect([...raster.data.subarray(-30)]).toEqual(Array(30).fill(128));
  });

  it('is refused where less is there, and by those who are strict', async () => {
    if (name === 'TIFF') return;
    const refused = {
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringMatching(/missing|damaged|cut off|without/),
    };
    const third = bytes.subarray(0, bytes.length * 0.3);
    await expect(decodePicture(third, options, { readAsset })).rejects.toMatchObject(refused);
    const most = bytes.subarray(0, bytes.length * 0.75);
    await expect(
      decodePicture(most, { ...options, partialImages: false }, { readAsset }),
    ).rejects.toMatchObject(refused);
  });
});

it('of an interlaced PNG the coarser passes take the place of what is missing', async () => {
  const bytes = new Uint8Array(
    await photograph().png({ progressive: true, adaptiveFiltering: true }).toBuffer(),
  );
  const picture = await decodePicture(bytes.subarray(0, bytes.length * 0.75), options, { readAsset });
  expect(picture.warnings).toHaveLength(1);
  const { raster } = picture.view({ left: 0, top: 0, right: size.width, bottom: size.height }, 1);
  const { mean, most } = difference(raster, await decoded(bytes));
  expect(most).toBeGreaterThan(0);
  expect(mean).toBeLessThan(4);
});

it('of a progressive JPEG all is there but detail', async () => {
  const bytes = new Uint8Array(await photograph().jpeg({ progressive: true, quality: 90 }).toBuffer());
  const cut = bytes.subarray(0, bytes.length * 0.75);
  const picture = await decodePicture(cut, options, { readAsset });
  expect(picture.warnings).toEqual([expect.stringMatching(/a JPEG without \d+% of its detail/)]);
  await expect(decodePicture(cut, { ...options, partialImages: false }, { readAsset })).rejects.toMatchObject(
    {
      message: expect.stringContaining('of its detail'),
    },
  );
});

it('the share of its detail falls with what is there: without the last bits it is about half', async () => {
  const bytes = new Uint8Array(await photograph().jpeg({ progressive: true, quality: 90 }).toBuffer());
  const shares = await Promise.all(
    [0.95, 0.8, 0.6, 0.4].map(async (part) => {
      const { warnings } = await decodePicture(bytes.subarray(0, bytes.length * part), options, {
        readAsset,
      });
      return Number(/without (\d+)% of its detail/.exec(warnings?.[0] ?? '')?.[1]);
    }),
  );
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares[0]).toBeLessThan(20);
  expect(shares[2]).toBeLessThan(65);
});

describe('a picture that is too large is refused by its header', () => {
  const limits = { ...options, maxDimension: 300 };
  it.each(Object.entries(formats))('%s', async (_, make) => {
    const bytes = new Uint8Array(await make());
    await expect(decodePicture(bytes, limits, { readAsset })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringContaining('320×213 pixels; max_dimension'),
    });
    const few = { ...options, maxPixels: 68_159 };
    await expect(decodePicture(bytes, few, { readAsset })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringContaining('68160 in all; max_pixels, the most in all, is 68159'),
    });
  });
});

describe('decoding stops at a checkpoint that says so', () => {
  const large = () => sharp(pathOf('sample1.jpg')).resize(1_900, 1_265);
  it.each<[string, () => Promise<Uint8Array>]>([
    ['JPEG', () => large().jpeg().toBuffer()],
    ['PNG', () => large().png().toBuffer()],
    ['WebP', () => large().webp().toBuffer()],
    ['lossless WebP', () => large().webp({ lossless: true, effort: 0 }).toBuffer()],
    ['GIF', () => large().gif({ effort: 1 }).toBuffer()],
    ['TIFF', () => large().tiff({ compression: 'lzw' }).toBuffer()],
    ['AVIF', () => large().avif({ effort: 0 }).toBuffer()],
  ])('%s', async (_, make) => {
    const bytes = new Uint8Array(await make());
    const roomy = { ...options, maxDimension: 2_000, maxPixels: 1e7 };
    const stop = new PhizError('TIMEOUT', 'given up');
    let passed = 0;
    const checkpoint = () => {
      if (++passed === 3) throw stop;
    };
    await expect(decodePicture(bytes, roomy, { readAsset, checkpoint })).rejects.toBe(stop);
    expect(passed).toBe(3);
    // The next one is none the worse for it.
    const { width } = await decodePicture(bytes, roomy, { readAsset });
    expect(width).toBe(1_900);
  });
});
