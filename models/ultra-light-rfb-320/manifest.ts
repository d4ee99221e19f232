import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'ultra-light-rfb-320',
  title: 'Ultra-Light face detector RFB-320, on inputs of any size',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB',
  format: 'onnx',
  files: [],
  input: {
    name: 'image',
    layout: 'NCHW',
    order: 'RGB',
    mean: 0,
    scale: 1,
    size: { multipleOf: 32 },
  },
  decoder: 'ultra-light',
};
