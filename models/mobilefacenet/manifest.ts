import type { Manifest } from '../../src/pipeline/manifest.ts';
import withFaceRecognition from './with-face-recognition.json' with { type: 'json' };

export const manifest: Manifest = {
  id: 'mobilefacenet',
  title: 'MobileFaceNet, ArcFace loss, 192 numbers',
  licence: 'Apache-2.0',
  nonCommercial: false,
  source: 'https://github.com/sirius-ai/MobileFaceNet_TF',
  format: 'onnx',
  files: [],
  input: {
    layout: 'NCHW',
    order: 'RGB',
    mean: 127.5,
    scale: 1 / 128,
    size: { width: 112, height: 112 },
  },
  // ArcFace's template, 0.7% lower: chosen among those that verify best, see the card.
  crop: { eyeHalfDistance: 0.162, eyeHeight: 0.474 },
  decoder: 'embedding',
  dimensions: 192,
  weight: 1,
  // Beside dlib's network, which does, its mirror image tells nothing more: see the card.
  mirrored: false,
  // Of npm run phiz -- models calibrate FOLDER, on the people of the card.
  calibrations: [withFaceRecognition],
};
