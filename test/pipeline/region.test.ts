import fc from 'fast-check';
import { expect, it } from 'vitest';
import { area, type Box, intersect } from '../../src/image/geometry.ts';
import { createRaster } from '../../src/image/raster.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { instanceWith } from '../../src/pipeline/instance.ts';
import { createModels } from '../../src/pipeline/models.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';

const [width, height] = [97, 61];
const none = () => Promise.reject(new Error('no network is needed where nothing is detected'));
const instance = instanceWith(
  createModels({ onnx: none, tfjs: none }, new Map(), defaultSettings),
  async () => rasterPicture(createRaster(width, height)),
  defaultSettings.models,
);

/** Any finite number, and often one near the picture's edges. */
const edge = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -10, max: 110, noNaN: true }),
  fc.constantFrom(-1e308, 1e308, 0, -0, width, height),
);
const region: fc.Arbitrary<Box> = fc.record({ left: edge, top: edge, right: edge, bottom: edge });

it('any region is either BAD_ROI or the part of the picture that it covers', async () => {
  await fc.assert(
    fc.asyncProperty(region, async (asked) => {
      const [outcome] = await instance.locate(
        new Uint8Array(),
        [{ detector: 'none', region: asked }],
        () => {},
      );
      const common = intersect(asked, { left: 0, top: 0, right: width, bottom: height });
      if (area(common) === 0) {
        expect(outcome).toMatchObject({ ok: false, error: { code: 'BAD_ROI' } });
        return;
      }
      if (!outcome?.ok) throw outcome?.error;
      const [{ box } = { box: undefined }] = outcome.value.faces;
      // The pixels that the part touches: at least one, inside the picture.
      expect(Math.abs(box!.left - common.left)).toBeLessThanOrEqual(1);
      expect(Math.abs(box!.bottom - common.bottom)).toBeLessThanOrEqual(1);
      for (const value of Object.values(box!)) expect(Number.isInteger(value)).toBe(true);
      expect(intersect(box!, { left: 0, top: 0, right: width, bottom: height })).toEqual(box);
      expect(area(box!)).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
