import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'face-landmark-68',
  task: 'landmarks',
  title: '68 landmarks, densely connected blocks of separable convolutions',
  format: 'onnx',
  licence: 'MIT',
  source: 'https://github.com/justadudewhohacks/face-api.js',
  input: 'image: N×3×112×112, RGB, 0 to 255: a square around the face box',
  outputs: { landmarks: 'N×136: x and y in turn, as shares of the side' },
};
