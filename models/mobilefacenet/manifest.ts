import type { Manifest } from '../../src/pipeline/manifest.ts';
import { arcfaceCrop } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'mobilefacenet',
  title: 'MobileFaceNet, ArcFace loss, 192 numbers',
  licence: 'Apache-2.0',
  nonCommercial: false,
  source: 'https://github.com/sirius-ai/MobileFaceNet_TF',
  format: 'onnx',
  files: [],
  input: {
    layout: 'NCHW',
    order: 'RGB',
    mean: 127.5,
    scale: 1 / 128,
    size: { width: 112, height: 112 },
  },
  crop: arcfaceCrop,
  decoder: 'embedding',
  dimensions: 192,
  weight: 1,
};
