import type { Manifest } from '../../src/pipeline/manifest.ts';
import { arcfaceCrop, centredSquare } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'edgeface-s',
  title: 'EdgeFace S (γ = 0.5), a hybrid of convolutions and attention',
  licence: 'CC-BY-NC-SA-4.0',
  nonCommercial: true,
  source: 'https://github.com/otroshi/edgeface',
  format: 'onnx',
  files: [
    {
      name: 'edgeface_s_gamma_05.onnx',
      url: 'https://github.com/yakhyo/edgeface-onnx/releases/download/weights/edgeface_s_gamma_05.onnx',
      sha256: 'b850767cf791bda585600b5c4c7d7432b2f998ccd862caae34ef1afa967d2e54',
    },
  ],
  input: centredSquare(112),
  crop: arcfaceCrop,
  decoder: 'embedding',
  dimensions: 512,
  weight: 1,
  mirrored: true,
  calibrations: [],
};
