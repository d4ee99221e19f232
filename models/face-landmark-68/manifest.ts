import type { Manifest } from '../../src/pipeline/manifest.ts';
import { plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'face-landmark-68',
  title: '68 landmarks, densely connected blocks of separable convolutions',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/justadudewhohacks/face-api.js',
  format: 'onnx',
  files: [],
  input: plainSquare(112),
  decoder: 'landmarks-68',
};
