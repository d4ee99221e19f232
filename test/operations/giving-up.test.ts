import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { startEngine } from '../../src/create-engine.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { pathOf } from '../contract/samples.ts';
import { expectToStopAtOnce, tiny } from './stops-at-once.ts';

let engine: Pool;
beforeAll(async () => {
  engine = startEngine(nodePlatform, { instances: 1 });
  await engine.extract(tiny);
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

describe('the decoding of a picture whose call was given up', () => {
  it.each(Object.entries(formats))('stops at once: %s', async (_, make) => {
    await expectToStopAtOnce(engine, await make());
    // The thread went on with other things; it was not ended.
    expect(engine.status.replaced).toBe(0);
  });
});
