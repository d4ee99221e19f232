import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'blazeface-any-size',
  title: 'BlazeFace for the back camera, on inputs of any size',
  licence: 'Apache-2.0',
  nonCommercial: false,
  source: 'https://github.com/google-ai-edge/mediapipe',
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
  decoder: 'blazeface',
};
