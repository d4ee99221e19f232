import type { Manifest } from '../../src/pipeline/manifest.ts';
import { plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'faceres',
  title: 'Embedding, age and gender on a MobileNetV1',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/HSE-asavchenko/HSE_FaceRec_tf',
  format: 'onnx',
  files: [],
  input: plainSquare(224),
  // That of age-gender; not measured with this network.
  crop: { eyeHalfDistance: 0.185, eyeHeight: 0.33 },
  decoder: 'age-gender-faceres',
};
