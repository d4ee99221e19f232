import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'face-recognition',
  task: 'embedding',
  title: "dlib's residual network for face recognition, v1",
  format: 'onnx',
  licence: 'public domain',
  source: 'https://github.com/davisking/dlib-models',
  input: "image: N×3×150×150, RGB, 0 to 255: dlib's aligned chip",
  outputs: { embedding: 'N×128, not normalised' },
};
