import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'faceres',
  task: 'age-gender',
  title: 'Embedding, age and gender on a MobileNetV1',
  format: 'tfjs',
  licence: 'MIT',
  source: 'https://github.com/HSE-asavchenko/HSE_FaceRec_tf',
  input: 'input_1: N×224×224×3, RGB, 0 to 255: a square around the face',
  outputs: {
    'gender_pred/Sigmoid': 'N×1: probability of male',
    'age_pred/Softmax': 'N×100: probability of each age from 1 to 100',
    'global_pooling/Mean': 'N×1024: embedding, not normalised',
  },
};
