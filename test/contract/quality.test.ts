import process from 'node:process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extract } from './client.ts';
import { faceCounts, read } from './samples.ts';
import type { RunningServer } from './server.ts';
import { startProcess } from './start-process.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));
const image = 'multipart:sample';

describe('with quality_estimator: true', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startProcess(process.execPath, program)('model_instances: 1\nquality_estimator: true\n');
  });
  afterAll(() => server?.stop());

  it('detection_score is the quality, but for legacy', async () => {
    const [nnd, legacy] = await extract(
      server.url,
      [
        { image, need_quality: true, need_normalized: true },
        { image, detector: 'legacy', need_quality: true },
      ],
      { sample: await read('sample6.jpg') },
    );
    expect(nnd!.faces).toHaveLength(faceCounts['sample6.jpg']);
    for (const { detection_score, quality, normalized } of nnd!.faces) {
      expect(detection_score).toBe(quality);
      expect(quality).toBeGreaterThan(-0.5);
      expect(quality).toBeLessThanOrEqual(0.01);
      const chip = Buffer.from(normalized!, 'base64');
      const [posted] = await extract(server.url, [{ image, detector: 'prenormalized' }], { sample: chip });
      // The posted chip is upright and of full size: it is judged by what is left.
      expect(posted!.faces[0]!.detection_score).toBeGreaterThan(-0.5);
    }
    for (const { detection_score } of legacy!.faces) {
      expect(detection_score).toBeGreaterThan(0);
      expect(detection_score).toBeLessThanOrEqual(1);
    }
  });

  it('auto_rotate finds the faces of a picture on its side, and gives them upright', async () => {
    const sample = await sharp(await read('sample5.jpg'))
      .rotate(90)
      .jpeg({ quality: 95 })
      .toBuffer();
    const [{ faces } = { faces: [] }] = await extract(
      server.url,
      [{ image, detector: 'nnd', auto_rotate: true, need_normalized: true, need_headpose: true }],
      { sample },
    );
    expect(faces).toHaveLength(faceCounts['sample5.jpg']);
    for (const { headpose, normalized, detection_score } of faces) {
      expect(headpose!.roll).toBeGreaterThan(60);
      expect(headpose!.roll).toBeLessThan(120);
      const chip = Buffer.from(normalized!, 'base64');
      const request = { image, detector: 'prenormalized', need_headpose: true };
      const [posted] = await extract(server.url, [request], { sample: chip });
      expect(Math.abs(posted!.faces[0]!.headpose!.roll)).toBeLessThan(10);
      expect(detection_score).toBeGreaterThan(-1.5);
    }
  });
});
