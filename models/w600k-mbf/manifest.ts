import type { Manifest } from '../../src/pipeline/manifest.ts';
import { arcfaceCrop, centredSquare, insightface, insightfaceLicence } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'w600k-mbf',
  title: 'ArcFace on a MobileFaceNet, trained on WebFace600K',
  licence: insightfaceLicence,
  nonCommercial: true,
  source: insightface,
  format: 'onnx',
  files: [
    {
      name: 'w600k_mbf.onnx',
      url: 'https://github.com/yakhyo/uniface/releases/download/weights/w600k_mbf.onnx',
      sha256: '9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f',
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
