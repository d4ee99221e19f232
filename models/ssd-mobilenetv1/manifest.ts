import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'ssd-mobilenetv1',
  task: 'detection',
  title: 'SSD MobileNetV1, trained on WIDER FACE',
  format: 'onnx',
  licence: 'Apache-2.0',
  source: 'https://github.com/yeephycho/tensorflow-face-detection',
  input: 'image: N×3×H×W, RGB, 0 to 255, any size; trained at 512×512',
  outputs: {
    boxes: 'N×P×4: offsets from the priors',
    scores: 'N×P: probability of a face',
  },
};
