import type { Manifest } from '../../src/pipeline/manifest.ts';
import { insightface, insightfaceLicence, plainSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'genderage',
  title: 'Gender and age on a small MobileNet',
  licence: insightfaceLicence,
  nonCommercial: true,
  source: insightface,
  format: 'onnx',
  files: [
    {
      name: 'genderage.onnx',
      url: 'https://github.com/yakhyo/uniface/releases/download/weights/genderage.onnx',
      sha256: '4fde69b1c810857b88c64a335084f1c3fe8f01246c9a191b48c7bb756d6652fb',
    },
  ],
  input: plainSquare(96),
  // Trained on the face's box widened by a half: the medians over 151 faces that YuNet boxed.
  crop: { eyeHalfDistance: 0.112, eyeHeight: 0.419 },
  decoder: 'age-gender-insightface',
};
