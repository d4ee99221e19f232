import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'emotion',
  task: 'emotions',
  title: 'Seven emotions, a small Xception, trained on FER2013',
  format: 'onnx',
  licence: 'MIT',
  source: 'https://github.com/oarriaga/face_classification',
  input: 'image: N×3×64×64, RGB, 0 to 255: a square around the face',
  outputs: { logits: 'N×7: angry, disgust, fear, happy, sad, surprise, neutral' },
};
