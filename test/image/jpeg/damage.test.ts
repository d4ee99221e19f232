import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { PhizError } from '../../../src/errors.ts';
import { difference } from '../independent.ts';
import { type EncodeOptions, encodeJpeg, progressiveScript } from './encoder.ts';
import { testPlanes } from './planes.ts';
import { crop, decode, pixels, reference } from './support.ts';

const size = { width: 160, height: 96 };
const planes = testPlanes([
  [2, 2],
  [1, 1],
  [1, 1],
]);
const partial = { overview: 512, partial: true };

async function refusal(bytes: Uint8Array, options = { overview: 512, partial: false }): Promise<string> {
  try {
    await decode(bytes, options);
  } catch (error) {
    if (error instanceof PhizError && error.code === 'IMAGE_DECODING_FAILED') return error.message;
    throw error;
  }
  throw new Error('the picture was decoded');
}

describe('what cameras and programs leave or lack', () => {
  const options: EncodeOptions = { ...size, planes };
  const whole = encodeJpeg(options);
  const expected = decode(whole).then(pixels);

  it.each([
    ['no end of image', whole.subarray(0, -2)],
    ['garbage after the end', Uint8Array.of(...whole, ...Array(500).fill(0xff), 0xd8, 1, 2, 3)],
    ['a second picture after the end', Uint8Array.of(...whole, ...whole)],
    ['fill bytes before markers', Uint8Array.of(0xff, 0xd8, 0xff, 0xff, 0xff, ...whole.subarray(2))],
    ['stray bytes between segments', Uint8Array.of(0xff, 0xd8, 1, 2, 3, 0, ...whole.subarray(2))],
    ['an empty comment', Uint8Array.of(0xff, 0xd8, 0xff, 0xfe, 0, 2, ...whole.subarray(2))],
  ])('%s', async (_, bytes) => {
    expect(difference(pixels(await decode(bytes)), await expected).most).toBe(0);
  });
});

describe('a picture that is cut off', () => {
  let photograph: Uint8Array;
  beforeAll(async () => {
    photograph = new Uint8Array(await readFile('node_modules/@vladmandic/face-api/demo/sample1.jpg'));
  });

  it('is refused, and the error says how much is missing', async () => {
    const half = photograph.subarray(0, photograph.length / 2);
    expect(await refusal(half)).toMatch(/a JPEG of which (4|5)\d% is missing or damaged/);
  });

  it('of which the last few rows are missing is a picture', async () => {
    const raster = pixels(await decode(photograph.subarray(0, photograph.length * 0.995)));
    expect([...crop(raster, 1912, 1272, 8, 8).data].every((value) => value === 128)).toBe(true);
  });

  it('is shown as far as it goes on request, the rest grey', async () => {
    const raster = pixels(await decode(photograph.subarray(0, photograph.length / 2), partial));
    const whole = pixels(await decode(photograph));
    const upper = [raster, whole].map((each) => crop(each, 0, 0, whole.width, 500)) as [
      typeof raster,
      typeof raster,
    ];
    expect(difference(upper[0], upper[1]).most).toBe(0);
    expect(
      [...crop(raster, 0, whole.height - 16, whole.width, 16).data].every((value) => value === 128),
    ).toBe(true);
  });

  it('is blurred only, if it is progressive and a late scan is missing', async () => {
    const whole = encodeJpeg({
      ...size,
      planes,
      progressive: true,
      longCodes: true,
      scans: progressiveScript,
    });
    const most = whole.subarray(0, whole.length * 0.8);
    await refusal(most);
    const { mean } = difference(pixels(await decode(most, partial)), pixels(await decode(whole)));
    expect(mean).toBeGreaterThan(0);
    expect(mean).toBeLessThan(4);
  });
});

describe('restart intervals', () => {
  const whole = encodeJpeg({ ...size, planes, restart: 10 });
  const scanStart = whole.findLastIndex((byte, at) => byte === 0xff && whole[at + 1] === 0xda) + 14;
  const markers = [...whole.keys()].filter(
    (at) => at > scanStart && whole[at] === 0xff && (whole[at + 1]! & 0xf8) === 0xd0,
  );

  it('confine damage: one interval is lost, not what follows', async () => {
    expect(markers).toHaveLength(5);
    const damaged = whole.slice();
    damaged.fill(0x55, markers[1]! + 2, markers[2]!);
    const raster = pixels(await decode(damaged, partial));
    const expected = pixels(await decode(whole));
    // Ten MCUs are one row of MCUs here: rows 32 to 47 are lost, and the rows next to them smoothed with them.
    expect(difference(crop(raster, 0, 0, 160, 31), crop(expected, 0, 0, 160, 31)).most).toBe(0);
    expect(difference(crop(raster, 0, 49, 160, 47), crop(expected, 0, 49, 160, 47)).most).toBe(0);
    expect(difference(raster, expected).most).toBeGreaterThan(30);
  });

  it('are recognised by their number where one is missing', async () => {
    const shorter = Uint8Array.of(...whole.subarray(0, markers[1]), ...whole.subarray(markers[2]));
    expect(await refusal(shorter)).toContain('missing');
    const raster = pixels(await decode(shorter, partial));
    const expected = pixels(await decode(whole));
    expect(difference(crop(raster, 0, 49, 160, 47), crop(expected, 0, 49, 160, 47)).most).toBe(0);
  });
});

describe('files that are not decoded', () => {
  const whole = encodeJpeg({ ...size, planes });
  const start = (marker: number) => whole.findIndex((byte, at) => byte === 0xff && whole[at + 1] === marker);
  /** The file with bytes replaced, found by the marker of their segment and an offset in its payload. */
  const patched = (marker: number, offset: number, ...bytes: number[]) => {
    const copy = whole.slice();
    copy.set(bytes, start(marker) + 4 + offset);
    return copy;
  };
  const renamed = (from: number, to: number) => {
    const copy = whole.slice();
    copy[start(from) + 1] = to;
    return copy;
  };

  it.each([
    ['arithmetic coding', renamed(0xc0, 0xc9), 'arithmetic coding'],
    ['lossless coding', renamed(0xc0, 0xc3), 'lossless coding'],
    ['12 bits', patched(0xc0, 0, 12), '12 bits'],
    ['no rows', patched(0xc0, 1, 0, 0), 'height is not said'],
    ['two components', patched(0xc0, 5, 2), '2 colour components'],
    ['sampling factors of 0', patched(0xc0, 7, 0x02), 'sampling factors 0×2'],
    ['sampling factors of 5', patched(0xc0, 7, 0x51), 'sampling factors 5×1'],
    ['an unknown component in the scan', patched(0xda, 1, 9), 'unknown component'],
    ['the same component twice', patched(0xda, 3, 1), 'twice'],
    ['a table that no one has defined', patched(0xda, 2, 0x33), 'Huffman table'],
    ['a Huffman table with too many codes', patched(0xc4, 1, 9), 'Huffman table'],
    ['no quantisation table', patched(0xdb, 0, 1), 'quantisation table'],
    ['no scan', whole.subarray(0, start(0xda)), 'without pixels'],
    ['nothing but its first marker', whole.subarray(0, 3), 'without a frame header'],
  ])('%s', async (_, bytes, reason) => {
    expect(await refusal(bytes, partial)).toContain(reason);
  });

  it('two frames', async () => {
    const [frame, tables] = [start(0xc0), start(0xc4)];
    const twice = Uint8Array.of(
      ...whole.subarray(0, tables),
      ...whole.subarray(frame, tables),
      ...whole.subarray(tables),
    );
    expect(await refusal(twice)).toContain('two frames');
  });

  it('more scans than any program writes', async () => {
    const scans = Array.from({ length: 101 }, () => ({ components: [0] }));
    expect(await refusal(encodeJpeg({ width: 8, height: 8, planes, scans }))).toContain('too many scans');
  });
});

it('damaged bits are decoded as libjpeg decodes them, up to the damage', async () => {
  const whole = encodeJpeg({ ...size, planes });
  const damaged = whole.slice();
  const at = Math.round(whole.length * 0.7);
  damaged.fill(0, at, at + 3);
  const [ours, theirs] = [pixels(await decode(damaged, partial)), await reference(damaged)];
  expect(difference(crop(ours, 0, 0, 160, 40), crop(theirs, 0, 0, 160, 40)).most).toBeLessThanOrEqual(4);
});
