import type { Manifest } from '../../src/pipeline/manifest.ts';

export const manifest: Manifest = {
  id: 'ssd-mobilenetv1',
  title: 'SSD MobileNetV1, trained on WIDER FACE',
  licence: 'Apache-2.0',
  nonCommercial: false,
  source: 'https://github.com/yeephycho/tensorflow-face-detection',
  format: 'onnx',
  files: [],
  input: {
    name: 'image',
    layout: 'NCHW',
    order: 'RGB',
    mean: 0,
    scale: 1,
    size: { multipleOf: 16 },
  },
  decoder: 'ssd-mobilenet',
  confirms: 'blazeface-any-size',
  scan: 'ultra-light-rfb-320',
};
