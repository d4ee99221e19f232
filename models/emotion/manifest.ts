import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'emotion',
  task: 'emotions',
  title: 'Seven emotions, mini-Xception trained on FER2013',
  format: 'tfjs',
  licence: 'MIT',
  source: 'https://github.com/oarriaga/face_classification',
  input: 'input_1: N×64×64×1, luminance, -1 to 1: a square around the face',
  outputs: { Identity: 'N×7: probabilities of angry, disgust, fear, happy, sad, surprise, neutral' },
};
