import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { startEngine } from '../../src/create-engine.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { pathOf } from '../contract/samples.ts';
import { writeBmp } from '../image/write-bmp.ts';

/** One thread, so that whatever it still does is in the way of the next picture. */
let engine: Pool;
let small: Uint8Array;
beforeAll(async () => {
  engine = startEngine(nodePlatform, { instances: 1 });
  small = writeBmp({ width: 16, height: 16, bits: 24, pixels: new Uint8Array(16 * 48) });
  await engine.extract(small);
});
afterAll(() => engine.close());

const photograph = () => sharp(pathOf('sample1.jpg')).resize(3_600, 2_400);
const formats: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  JPEG: () => photograph().jpeg({ quality: 100, progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
  PNG: () => photograph().png({ compressionLevel: 1 }).toBuffer(),
  WebP: () => photograph().webp({ quality: 90, effort: 0 }).toBuffer(),
  'lossless WebP': () => photograph().webp({ lossless: true, effort: 0 }).toBuffer(),
  GIF: () => photograph().gif({ effort: 1, colours: 16 }).toBuffer(),
  TIFF: () => photograph().tiff({ compression: 'lzw' }).toBuffer(),
  AVIF: () => photograph().avif({ effort: 0 }).toBuffer(),
};

/** Tries of which one must hold: the machine may be busy with something else for a moment. */
const tries = 4;

describe('the decoding of a picture whose call was given up', () => {
  it.each(Object.entries(formats))('stops at once: %s', async (_, make) => {
    const bytes = await make();
    const request = { detector: 'none' } as const;
    const [whole] = await engine.extractAll(bytes, [request]);
    if (!whole?.ok) throw whole?.error;
    const decoding = whole.value.timings.decode!;
    const shares: number[] = [];
    while (shares.length < tries && !shares.some((share) => share < 0.25)) {
      const call = new AbortController();
      const given = engine.extractAll(bytes, [request], { signal: call.signal });
      await new Promise((resolve) => setTimeout(resolve, decoding / 4));
      call.abort(new Error('nobody waits'));
      expect(await given).toMatchObject([{ ok: false, error: { code: 'TIMEOUT' } }]);
      const start = performance.now();
      await engine.extract(small, request);
      shares.push((performance.now() - start) / decoding);
    }
    expect(Math.min(...shares)).toBeLessThan(0.25);
    // The thread went on with other things; it was not ended.
    expect(engine.status.replaced).toBe(0);
  });
});
