import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieces } from '../../../src/image/jpeg/pixel-memory.ts';
import { turn } from '../../../src/image/orient.ts';
import type { Reduction, View } from '../../../src/image/picture.ts';
import { wholeRaster } from '../../../src/image/raster.ts';
import { halve } from '../../../src/image/raster-picture.ts';
import { read } from '../../contract/samples.ts';
import { difference } from '../independent.ts';
import { type EncodeOptions, encodeJpeg, progressiveScript } from './encoder.ts';
import { smoothPlanes, testPlanes } from './planes.ts';
import { crop, decode, pixels } from './support.ts';

// Wide enough for several stretches between which decoding is taken up again.
const size = { width: 640, height: 96 };
const kinds: readonly [string, EncodeOptions][] = [
  [
    '4:4:4',
    {
      ...size,
      planes: testPlanes([
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
    },
  ],
  [
    '4:2:2',
    {
      ...size,
      planes: testPlanes([
        [2, 1],
        [1, 1],
        [1, 1],
      ]),
      restart: 7,
    },
  ],
  [
    '4:2:0',
    {
      ...size,
      planes: testPlanes([
        [2, 2],
        [1, 1],
        [1, 1],
      ]),
    },
  ],
  [
    '4:4:0',
    {
      ...size,
      planes: testPlanes([
        [1, 2],
        [1, 1],
        [1, 1],
      ]),
      scans: [0, 1, 2].map((index) => ({ components: [index] })),
    },
  ],
  [
    '4:1:1',
    {
      ...size,
      planes: testPlanes([
        [4, 1],
        [1, 1],
        [1, 1],
      ]),
    },
  ],
  [
    '3:1',
    {
      ...size,
      planes: testPlanes([
        [3, 1],
        [2, 1],
        [1, 1],
      ]),
    },
  ],
  ['grey', { ...size, planes: testPlanes([[1, 1]]), restart: 11 }],
  [
    'progressive 4:2:0',
    {
      ...size,
      planes: testPlanes([
        [2, 2],
        [1, 1],
        [1, 1],
      ]),
      progressive: true,
      longCodes: true,
      scans: progressiveScript,
    },
  ],
];

describe.each(kinds)('views of a picture of %s', (_, options) => {
  const bytes = encodeJpeg(options);
  const whole = { left: 0, top: 0, right: options.width, bottom: options.height };
  /** The whole picture at a reduction, made by the inverse DCT itself. */
  const reduced = async (file: Uint8Array, reduction: Reduction) =>
    (await decode(file, { overview: 640 / reduction, partial: false })).view(whole, reduction).raster;

  it('equal the box average of the full picture', async () => {
    const planes = smoothPlanes(options.planes.map(({ h, v }) => [h, v]));
    const smooth = encodeJpeg({ ...options, planes });
    let average = pixels(await decode(smooth));
    for (const reduction of [2, 4, 8] as const) {
      average = halve(average);
      const { mean, most } = difference(await reduced(smooth, reduction), average);
      // At full size samples that are stretched by more than 2 are repeated: steps, where these are slopes.
      expect(mean).toBeLessThan(1.2);
      expect(most).toBeLessThanOrEqual(6);
    }
  });

  it('of a rectangle equal that part of the whole', async () => {
    const wholes = new Map(
      await Promise.all(([1, 2, 4] as const).map(async (r) => [r, await reduced(bytes, r)] as const)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          left: coordinate(size.width),
          top: coordinate(size.height),
          right: coordinate(size.width),
          bottom: coordinate(size.height),
        }),
        fc.constantFrom(1 as const, 2 as const, 4 as const),
        async (corners, reduction) => {
          // A picture of its own: when parts come to much of a picture, it is decoded whole and kept.
          const picture = await decode(bytes, { overview: 1, partial: false });
          const region = {
            left: Math.min(corners.left, corners.right),
            right: Math.max(corners.left, corners.right),
            top: Math.min(corners.top, corners.bottom),
            bottom: Math.max(corners.top, corners.bottom),
          };
          const view = picture.view(region, reduction);
          expect(view.reduction).toBe(reduction);
          const { width, height } = view.raster;
          // Covers the region, as far as it lies in the picture.
          expect(view.left).toBeLessThanOrEqual(Math.max(0, region.left));
          expect(view.left + width * reduction).toBeGreaterThanOrEqual(Math.min(region.right, size.width));
          expect(view.top + height * reduction).toBeGreaterThanOrEqual(Math.min(region.bottom, size.height));
          const expected = crop(
            wholes.get(reduction)!,
            view.left / reduction,
            view.top / reduction,
            width,
            height,
          );
          expect(difference(view.raster, expected).most).toBe(0);
        },
      ),
      { numRuns: 60, seed: 8 },
    );
  });

  it('is decoded whole and kept when much of it has been asked for', async () => {
    const picture = await decode(bytes, { overview: 1, partial: false });
    const part = (tenth: number) => ({
      left: (tenth * size.width) / 10,
      top: 0,
      right: ((tenth + 1) * size.width) / 10,
      bottom: size.height,
    });
    expect(picture.view(part(0), 1).raster.width).toBe(size.width / 10);
    const { raster } = picture.view(part(9), 1);
    expect(raster.width).toBe(size.width);
    expect(picture.view(part(0), 1).raster).toBe(raster);
    expect(picture.view(part(0), 2).raster.width).toBe(size.width / 2);
  });

  it('is not decoded again where a part holds what is wanted', async () => {
    const picture = await decode(bytes, { overview: 1, partial: false });
    const part = { left: 8, top: 8, right: 40, bottom: 40 };
    const { raster } = picture.view(part, 1);
    expect(picture.view({ ...part, left: 9.5 }, 1).raster).toBe(raster);
    expect(picture.view({ ...part, left: 7.5 }, 1).raster).not.toBe(raster);
    expect(picture.view(part, 2).raster).not.toBe(raster);
  });
});

it.each([
  [1, 0],
  [320, 0],
  [320, 1],
] as const)(
  'views are the same where a picture of overview %s, turned %s times, is decoded ahead',
  async (overview, turns) => {
    const file = await read('sample5.jpg');
    const [usual, early] = await Promise.all(
      [1, 2].map(async () => turn(await decode(file, { overview, partial: false }), turns)),
    );
    early!.ahead!();
    for (const [left, side, reduction] of [
      [40, 90, 1],
      [60, 50, 1],
      [301.5, 77.25, 2],
      [512, 400, 4],
      [-10, 700, 1],
      [300, 1000, 1],
      [100, 10, 1],
    ] as const) {
      const region = { left, top: left / 2, right: left + side, bottom: left / 2 + side };
      const [{ raster, ...place }, expected] = [early!, usual!].map((each) =>
        each.view(region, reduction),
      ) as [View, View];
      expect(place).toEqual({ left: expected.left, top: expected.top, reduction });
      expect([raster.width, raster.height]).toEqual([expected.raster.width, expected.raster.height]);
      expect(difference(wholeRaster(raster), wholeRaster(expected.raster)).most).toBe(0);
    }
  },
);

it('the memory of a picture that is closed is that of the next one, and of no other', async () => {
  const [larger, smaller] = await Promise.all([read('sample6.jpg'), read('sample5.jpg')]);
  // All of each is decoded at once, at its own size.
  const open = (file: Uint8Array) => decode(file, { overview: 1_920, partial: false });
  const expected = pixels(await open(smaller));
  const first = await open(larger);
  const { data } = pixels(first);
  const whileOpen = pixels(await open(smaller));
  expect(whileOpen.data.buffer).not.toBe(data.buffer);
  first.close!();
  first.close!();
  const next = pixels(await open(smaller));
  expect(next.data.buffer).toBe(data.buffer);
  expect(difference(next, expected).most).toBe(0);
  expect(pixels(await open(smaller)).data.buffer).not.toBe(data.buffer);
  expect(difference(whileOpen, expected).most).toBe(0);
});

it('parts, coarse views and coded data of a closed picture leave their memory to other pictures, each once', async () => {
  const [one, other] = await Promise.all([read('sample6.jpg'), read('sample5.jpg')]);
  const regions = [
    [{ left: 100, top: 50, right: 260, bottom: 210 }, 1],
    [{ left: 300, top: 80, right: 460, bottom: 240 }, 1],
    [{ left: 0, top: 0, right: 900, bottom: 600 }, 8],
    // After the whole picture was decoded ahead this is a part of that.
    [{ left: 500, top: 100, right: 640, bottom: 300 }, 1],
  ] as const;
  const look = async (file: Uint8Array) => {
    const picture = await decode(file, { overview: 480, partial: false });
    const views = regions.map(([region, reduction], index) => {
      if (index === regions.length - 1) picture.ahead!();
      return picture.view(region, reduction).raster;
    });
    return { picture, views };
  };
  const copies = ({ views }: Awaited<ReturnType<typeof look>>) =>
    views.map((raster) => ({ ...wholeRaster(raster), data: wholeRaster(raster).data.slice() }));
  const before = await Promise.all([one, other].map(look));
  const expected = before.map(copies);
  const memory = new Set(before.flatMap(({ views }) => views.map(({ data }) => data.buffer)));
  for (const { picture } of [...before, ...before]) picture.close!();
  // A part of a whole view has that view's memory, which is none of a part.
  for (const { picture } of before)
    expect(pieces.take(3 * picture.width * picture.height).buffer).toBeInstanceOf(ArrayBuffer);

  const after = await Promise.all([other, one, other].map(look));
  expect(after.map(copies)).toEqual([expected[1], expected[0], expected[1]]);
  const used = after.map(({ views }) => new Set(views.map(({ data }) => data.buffer)));
  expect([...memory].filter((buffer) => used.some((buffers) => buffers.has(buffer)))).not.toHaveLength(0);
  expect(new Set(used.flatMap((buffers) => [...buffers])).size).toBe(
    used.reduce((sum, { size }) => sum + size, 0),
  );
});

/** Also outside the picture, and fractional. */
const coordinate = (length: number) => fc.double({ min: -20, max: length + 20, noNaN: true });
