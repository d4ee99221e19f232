import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'face-landmark-68',
  title: '68 landmarks, densely connected blocks of separable convolutions',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/justadudewhohacks/face-api.js',
  format: 'onnx',
  files: [],
  input: {
    name: 'image',
    layout: 'NCHW',
    order: 'RGB',
    mean: 0,
    scale: 1,
    size: { width: 112, height: 112 },
  },
  decoder: 'landmarks-68',
};
