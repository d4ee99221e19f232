import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'age-gender',
  task: 'age-gender',
  title: 'Age and gender, a small Xception',
  format: 'onnx',
  licence: 'MIT',
  source: 'https://github.com/justadudewhohacks/face-api.js',
  input: 'image: N×3×112×112, RGB, 0 to 255: a square around the face',
  outputs: { age: 'N×1: years', gender: 'N×2: logits of male and female' },
};
