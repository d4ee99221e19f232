import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../contract/samples.ts';
import { decoded, difference, independently } from './independent.ts';

const photograph = () => sharp(pathOf('sample1.jpg')).resize(403, 301);

describe('WebP is read as libvips reads it', () => {
  it.each([
    ['lossy', { quality: 80 }],
    ['lossy, coarse', { quality: 5 }],
    ['lossless', { lossless: true }],
    ['nearly lossless', { nearLossless: true }],
  ])('%s', async (_, options) => {
    const bytes = await photograph().webp(options).toBuffer();
    expect(difference(await decoded(bytes), await independently(bytes)).most).toBe(0);
  });

  it.each([
    ['lossy', { quality: 80 }],
    ['lossless', { lossless: true }],
  ])('%s with alpha, on white', async (_, options) => {
    const mask = Buffer.from(
      '<svg width="403" height="301"><defs><radialGradient id="g"><stop offset="0" stop-color="#fff"/>' +
        '<stop offset="1" stop-color="#000"/></radialGradient></defs><rect width="403" height="301" fill="url(#g)"/></svg>',
    );
    const alpha = await sharp(mask).removeAlpha().extractChannel(0).raw().toBuffer();
    const bytes = await photograph()
      .joinChannel(alpha, { raw: { width: 403, height: 301, channels: 1 } })
      .webp(options)
      .toBuffer();
    const raster = await decoded(bytes);
    expect(difference(raster, await independently(bytes)).most).toBeLessThanOrEqual(1);
    expect([...raster.data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });
});

it('reads a WebP within a larger buffer', async () => {
  const bytes = await photograph().webp({ quality: 80 }).toBuffer();
  const inside = Buffer.concat([Buffer.alloc(7), bytes]).subarray(7);
  expect(difference(await decoded(inside), await decoded(bytes)).most).toBe(0);
});

describe('a damaged WebP says so', () => {
  const failures: [string, (bytes: Uint8Array) => Uint8Array, RegExp][] = [
    ['cut off', (bytes) => bytes.subarray(0, 2_000), /ends before its last byte/],
    ['without a picture', (bytes) => withLength(bytes.subarray(0, 16)), /without a picture header/],
    [
      'whose picture is no VP8',
      (bytes) => changed(bytes, pictureAt(bytes), pictureAt(bytes) + 8),
      /damaged WebP data/,
    ],
    ['whose container claims another size', (bytes) => changed(bytes, 24, 25), /damaged WebP data/],
  ];
  it.each(failures)('%s', async (_, damage, reason) => {
    // With metadata, the container has a size of its own.
    const bytes = await photograph().withMetadata({ orientation: 1 }).webp({ quality: 80 }).toBuffer();
    expect(bytes.toString('latin1', 12, 16)).toBe('VP8X');
    await expect(decoded(damage(bytes))).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: reason,
    });
  });
});

/** Where the picture's own chunk has its data. */
const pictureAt = (bytes: Uint8Array) => Buffer.from(bytes).indexOf('VP8 ') + 8;

const changed = (bytes: Uint8Array, from: number, to: number) =>
  bytes.map((byte, at) => (at >= from && at < to ? byte ^ 0xff : byte));

/** The container's length made that of the bytes. */
function withLength(bytes: Uint8Array): Uint8Array {
  const whole = bytes.slice();
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  return whole;
}

it('memory that a large picture took is given back', async () => {
  const size = { width: 4_000, height: 4_000 };
  const large = new Uint8Array(
    await sharp({ create: { ...size, channels: 3, background: '#7868c8' } })
      .webp()
      .toBuffer(),
  );
  const small = new Uint8Array(await photograph().webp().toBuffer());
  await decoded(small);
  const before = process.memoryUsage().external;
  // 64 MB of RGBA each, and more within the decoder.
  for (let count = 0; count < 3; count++) await decoded(large);
  // The collector works when it likes to.
  let kept = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100 && kept > 60e6; round++) {
    await decoded(small);
    await new Promise((done) => setTimeout(done, 10));
    kept = process.memoryUsage().external - before;
  }
  expect(kept).toBeLessThan(60e6);
});
