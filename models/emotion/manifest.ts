import type { Manifest } from '../../src/pipeline/manifest.ts';
import { plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'emotion',
  title: 'Seven emotions, a small Xception, trained on FER2013',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/oarriaga/face_classification',
  format: 'onnx',
  files: [],
  input: plainSquare(64),
  // In the middle of the crops that measured best together on FER2013's faces: see the card.
  crop: { eyeHalfDistance: 0.17, eyeHeight: 0.32 },
  decoder: 'emotion',
  labels: ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'],
};
