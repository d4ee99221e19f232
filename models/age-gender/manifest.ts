import type { Manifest } from '../../src/pipeline/manifest.ts';
import { plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'age-gender',
  title: 'Age and gender, a small Xception',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/justadudewhohacks/face-api.js',
  format: 'onnx',
  files: [],
  input: plainSquare(112),
  // The middle of the range of crops that measured best.
  crop: { eyeHalfDistance: 0.19, eyeHeight: 0.3 },
  decoder: 'age-gender',
};
