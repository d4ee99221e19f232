import { readFile } from 'node:fs/promises';
import { shippedPack } from '../../models/catalogue.ts';
import { decodePicture } from '../../src/image/decode.ts';
import type { Picture } from '../../src/image/picture.ts';
import type { Raster } from '../../src/image/raster.ts';
import { createKernelBackend } from '../../src/nn/kernels/backend.ts';
import { instanceWith } from '../../src/pipeline/instance.ts';
import { createModels } from '../../src/pipeline/models.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import type { Instance } from '../../src/pipeline/work.ts';
import { onnxBackend, readAsset } from '../models/assets.ts';

/** Faces in each of the sample photographs. */
export const samples = [
  { name: 'sample1.jpg', faces: 3 },
  { name: 'sample2.jpg', faces: 3 },
  { name: 'sample3.jpg', faces: 3 },
  { name: 'sample4.jpg', faces: 4 },
  { name: 'sample5.jpg', faces: 5 },
  { name: 'sample6.jpg', faces: 4 },
] as const;

/** A photograph of face-api's demonstration as pixels. */
export async function photograph(name: string): Promise<Raster> {
  const bytes = await readFile(
    new URL(`../../node_modules/@vladmandic/face-api/demo/${name}`, import.meta.url),
  );
  const picture = await decodePicture(
    bytes,
    {
      maxDimension: 6000,
      exifOrientation: true,
      maxPixels: 100_000_000,
      partialImages: false,
    },
    { readAsset },
  );
  return picture.view({ left: 0, top: 0, right: picture.width, bottom: picture.height }, 1).raster;
}

/** An instance with the real networks for finding, aligning and embedding; it looks at `picture()`. */
export function instanceLookingAt(picture: () => Picture): Instance {
  const model = (id: string) => {
    const pack = shippedPack(id);
    return { manifest: pack.manifest, read: () => pack.build(readAsset) };
  };
  const models = createModels(
    {
      onnx: async () => createKernelBackend(await onnxBackend()),
      tfjs: () => Promise.reject(new Error('not used here')),
    },
    new Map([
      ['detector', [model('ssd-mobilenetv1')]],
      ['scout', [model('blazeface-any-size')]],
      ['mesh', [model('facemesh')]],
      ['landmarks', [model('face-landmark-68')]],
      ['embedding', [model('face-recognition')]],
    ]),
    defaultSettings,
  );
  return instanceWith(models, async () => picture(), defaultSettings.models);
}
