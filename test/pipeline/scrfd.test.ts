import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { expect, test } from 'vitest';
import { alignedFaces } from '../../bench/aligned-faces.ts';
import { catalogue } from '../../models/catalogue.ts';
import { manifest as scrfdManifest } from '../../models/scrfd-500m/manifest.ts';
import { iou } from '../../src/image/geometry.ts';
import { createInstance } from '../../src/pipeline/create-instance.ts';
import { defaultSettings, type InstanceSettings } from '../../src/pipeline/settings.ts';
import type { Instance } from '../../src/pipeline/work.ts';
import { samples } from '../face/photographs.ts';
import { readAsset } from '../models/assets.ts';

/**
 * A real SCRFD 500M with points for inputs of 640×640 as a drop-in: PHIZ_SCRFD says where its file is.
 * Its licence is for research, so that it is no part of the project.
 */
const file = process.env.PHIZ_SCRFD;

const modelFile = 'scrfd.onnx';

/** An instance that detects with the file. @param side of the input that its manifest says */
async function instanceWith(path: string, side: number): Promise<Instance> {
  const model = new Uint8Array(await readFile(path));
  const sha256 = createHash('sha256').update(model).digest('hex');
  const manifest = {
    ...scrfdManifest,
    id: 'scrfd-640',
    files: [{ name: modelFile, sha256 }],
    input: { ...scrfdManifest.input, size: { width: side, height: side } },
  };
  const settings: InstanceSettings = {
    ...defaultSettings,
    models: { ...defaultSettings.models, detector: manifest.id },
    manifests: [manifest],
  };
  const platform = {
    name: 'test',
    cores: 1,
    catalogue,
    readAsset: async (name: string) => (name.endsWith(modelFile) ? model : readAsset(name)),
  };
  return createInstance(platform, settings);
}

test.skipIf(!file)(
  "an SCRFD finds the samples' faces and aligns them as phiz's own detector does",
  async () => {
    const own = createInstance({ name: 'test', cores: 1, catalogue, readAsset }, defaultSettings);
    const scrfd = await instanceWith(file!, 640);
    const attributes = ['embedding', 'quality'] as const;
    const look = async (instance: Instance, picture: Uint8Array) => {
      const [outcome] = await instance.locate(picture, [{ attributes }], () => {});
      return (await instance.describe(alignedFaces(outcome), attributes, () => {})).faces;
    };
    for (const { name, faces: count } of samples) {
      const picture = await readFile(
        new URL(`../../node_modules/@vladmandic/face-api/demo/${name}`, import.meta.url),
      );
      const [ours, theirs] = [await look(own, picture), await look(scrfd, picture)];
      expect(theirs, name).toHaveLength(count);
      for (const face of theirs) {
        const [same] = ours.toSorted((first, second) => iou(second.box, face.box) - iou(first.box, face.box));
        expect(iou(same!.box, face.box)).toBeGreaterThan(0.4);
        const cosine = face.embedding!.reduce((sum, value, at) => sum + value * same!.embedding![at]!, 0);
        // As alike as hardly any strangers are: the vectors tell where the points lie.
        expect(cosine).toBeGreaterThan(0.8);
      }
    }
    await own.close();
    await scrfd.close();
  },
);

test.skipIf(!file)('a manifest that says another size is told which dimension is wrong', async () => {
  const instance = await instanceWith(file!, 320);
  await expect(instance.ready()).rejects.toThrow(/does not run at 320×320 pixels: .*Got: 320 Expected: 640/);
});
