import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'fairface',
  title: 'Gender and age group on a ResNet-34, trained on FairFace',
  licence: 'CC-BY-4.0',
  nonCommercial: false,
  source: 'https://github.com/dchen236/FairFace',
  format: 'onnx',
  files: [
    {
      name: 'fairface.onnx',
      url: 'https://github.com/yakhyo/fairface-onnx/releases/download/weights/fairface.onnx',
      sha256: '9c8c47d437cd310538d233f2465f9ed0524cb7fb51882a37f74e8bc22437fdbf',
    },
  ],
  input: {
    layout: 'NCHW',
    order: 'RGB',
    mean: [123.675, 116.28, 103.53],
    scale: [1 / 58.395, 1 / 57.12, 1 / 57.375],
    size: { width: 224, height: 224 },
  },
  // dlib's chip (padding 0.25 around the mean shape), on which it was trained, in terms of its eyes.
  crop: { eyeHalfDistance: 0.1764, eyeHeight: 0.3107 },
  decoder: 'age-gender-fairface',
};
