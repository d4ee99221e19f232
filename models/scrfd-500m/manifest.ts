import type { Manifest } from '../../src/pipeline/manifest.ts';
import { insightfaceLicence, scrfdInput } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'scrfd-500m',
  title: 'SCRFD 500M, a light detector with five points',
  licence: insightfaceLicence,
  nonCommercial: true,
  source: 'https://github.com/deepinsight/insightface/tree/master/detection/scrfd',
  format: 'onnx',
  files: [
    {
      name: 'scrfd_500m_kps.onnx',
      url: 'https://github.com/yakhyo/uniface/releases/download/weights/scrfd_500m_kps.onnx',
      sha256: '5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a',
    },
  ],
  input: scrfdInput,
  decoder: 'scrfd',
};
