import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'blazeface',
  title: 'BlazeFace for the back camera, a light detector',
  licence: 'Apache-2.0',
  nonCommercial: false,
  source: 'https://github.com/google-ai-edge/mediapipe',
  format: 'tfjs',
  files: [],
  input: {
    name: 'input',
    layout: 'NHWC',
    order: 'RGB',
    mean: 127.5,
    scale: 1 / 127.5,
    size: { width: 256, height: 256 },
  },
  decoder: 'blazeface',
};
