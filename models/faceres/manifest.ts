import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'faceres',
  title: 'Embedding, age and gender on a MobileNetV1',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/HSE-asavchenko/HSE_FaceRec_tf',
  format: 'onnx',
  files: [],
  input: {
    name: 'image',
    layout: 'NCHW',
    order: 'RGB',
    mean: 0,
    scale: 1,
    size: { width: 224, height: 224 },
  },
  // That of age-gender; not measured with this network.
  crop: { eyeHalfDistance: 0.185, eyeHeight: 0.33 },
  decoder: 'age-gender-faceres',
};
