import type { Manifest } from '../../src/pipeline/manifest.ts';
import { arcfaceCrop, centredSquare, insightface, insightfaceLicence } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'w600k-r50',
  title: 'ArcFace on a ResNet-50, trained on WebFace600K',
  licence: insightfaceLicence,
  nonCommercial: true,
  source: insightface,
  format: 'onnx',
  files: [
    {
      name: 'w600k_r50.onnx',
      url: 'https://github.com/yakhyo/uniface/releases/download/weights/w600k_r50.onnx',
      sha256: '4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43',
    },
  ],
  input: centredSquare(112),
  crop: arcfaceCrop,
  decoder: 'embedding',
  dimensions: 512,
  weight: 1,
  mirrored: true,
  calibrations: [],
};
