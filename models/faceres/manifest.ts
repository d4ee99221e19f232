import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'faceres',
  task: 'age-gender',
  title: 'Embedding, age and gender on a MobileNetV1',
  format: 'onnx',
  licence: 'MIT',
  source: 'https://github.com/HSE-asavchenko/HSE_FaceRec_tf',
  input: 'image: N×3×224×224, RGB, 0 to 255: a square around the face',
  outputs: {
    embedding: 'N×1024, not normalised',
    age: 'N×100: logits of the ages, class i for about i years',
    gender: 'N×1: ln(p(male) / p(female))',
  },
};
