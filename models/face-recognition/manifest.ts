import type { Manifest } from '../../src/pipeline/manifest.ts';
import { plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'face-recognition',
  title: "dlib's residual network for face recognition, v1",
  licence: 'public domain',
  nonCommercial: false,
  source: 'https://github.com/davisking/dlib-models',
  format: 'onnx',
  files: [],
  input: plainSquare(150),
  // dlib's chip (padding 0.25 around the mean shape) in terms of its eyes.
  crop: { eyeHalfDistance: 0.1764, eyeHeight: 0.3107 },
  decoder: 'embedding',
  dimensions: 128,
  weight: 2,
  mirrored: true,
  // Its cosines are too close to each other for a shift to keep their order: it has no other scale.
  calibrations: [{ followedBy: [], thresholds: { native: { '1%': 0.917, '0.1%': 0.931, '0.01%': 0.943 } } }],
};
