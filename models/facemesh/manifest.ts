import type { Manifest } from '../../src/pipeline/manifest.ts';
import { plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'facemesh',
  title: '468 points of a face in three dimensions, separable convolutions',
  licence: 'Apache-2.0',
  nonCommercial: false,
  source: 'https://github.com/google-ai-edge/mediapipe',
  format: 'onnx',
  files: [],
  input: { ...plainSquare(192), scale: 1 / 255 },
  decoder: 'mesh-468',
};
