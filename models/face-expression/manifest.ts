import type { Manifest } from '../../src/pipeline/manifest.ts';
import { plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'face-expression',
  title: 'Seven emotions, densely connected blocks of separable convolutions',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/justadudewhohacks/face-api.js',
  format: 'onnx',
  files: [],
  input: plainSquare(112),
  // In the middle of the crops that measured best together on FER2013's faces: see the card.
  crop: { eyeHalfDistance: 0.17, eyeHeight: 0.36 },
  decoder: 'emotion',
  labels: ['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust', 'surprise'],
};
