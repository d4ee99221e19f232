import type { Manifest } from '../../src/pipeline/manifest.ts';
import { arcfaceCrop, centredSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'fer-mobilefacenet',
  title: 'Seven emotions on a MobileFaceNet',
  licence: 'Apache-2.0',
  nonCommercial: false,
  source: 'https://github.com/opencv/opencv_zoo/tree/main/models/facial_expression_recognition',
  format: 'onnx',
  files: [
    {
      name: 'facial_expression_recognition_mobilefacenet_2022july.onnx',
      url: 'https://github.com/opencv/opencv_zoo/raw/main/models/facial_expression_recognition/facial_expression_recognition_mobilefacenet_2022july.onnx',
      sha256: '4f61307602fc089ce20488a31d4e4614e3c9753a7d6c41578c854858b183e1a9',
      size: 4_791_892,
    },
  ],
  input: centredSquare(112),
  crop: arcfaceCrop,
  decoder: 'emotion',
  labels: ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'],
};
