import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'face-expression',
  task: 'emotions',
  title: 'Seven emotions, densely connected blocks of separable convolutions',
  format: 'onnx',
  licence: 'MIT',
  source: 'https://github.com/justadudewhohacks/face-api.js',
  input: 'image: N×3×112×112, RGB, 0 to 255: a square around the face',
  outputs: { logits: 'N×7: neutral, happy, sad, angry, fear, disgust, surprise' },
};
