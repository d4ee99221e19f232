import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../src/image/decode.ts';
import { pathOf } from '../contract/samples.ts';
import { readAsset } from '../models/assets.ts';
import { decoded, difference, independently } from './independent.ts';

const formats = ['jpeg', 'png', 'webp'] as const;

/** A photograph of no symmetry, stored in one of the eight ways that EXIF knows. */
const stored = (format: (typeof formats)[number], orientation: number) =>
  sharp(pathOf('sample1.jpg'))
    .resize(96, 64)
    .withMetadata({ orientation })
    .toFormat(format, format === 'jpeg' ? { quality: 100, chromaSubsampling: '4:4:4' } : {})
    .toBuffer();

describe.each(formats)('EXIF orientation in %s', (format) => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i is turned upright, as libvips does', async (orientation) => {
    const bytes = await stored(format, orientation);
    const { mean } = difference(await decoded(bytes), await independently(bytes));
    // Two decoders of JPEG differ by their rounding; a wrong turn differs by tens.
    expect(mean).toBeLessThan(0.6);
  });

  it('is left as stored where that is asked for', async () => {
    const picture = await decodePicture(
      await stored(format, 6),
      {
        maxDimension: 6000,
        exifOrientation: false,
        maxPixels: 100_000_000,
        partialImages: false,
      },
      { readAsset },
    );
    expect([picture.width, picture.height]).toEqual([96, 64]);
  });
});

it('knows a format by its content', async () => {
  for (const format of formats) expect((await decoded(await stored(format, 1))).width).toBe(96);
});
