import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'yunet-2023mar',
  title: 'YuNet n, a light detector with five points',
  licence: 'MIT',
  nonCommercial: false,
  source: 'https://github.com/ShiqiYu/libfacedetection.train',
  format: 'onnx',
  files: [
    {
      name: 'face_detection_yunet_2023mar.onnx',
      url: 'https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx',
      sha256: '8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4',
      size: 232_589,
    },
  ],
  input: {
    layout: 'NCHW',
    order: 'BGR',
    mean: 0,
    scale: 1,
    // Exported for this size alone.
    size: { width: 640, height: 640 },
  },
  decoder: 'yunet',
};
