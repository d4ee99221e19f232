import type { Manifest } from '../../src/pipeline/manifest.ts';
import { insightfaceLicence, scrfdInput } from '../inputs.ts';

export const manifest: Manifest = {
  id: 'scrfd-10g',
  title: 'SCRFD 10G, an accurate detector with five points',
  licence: insightfaceLicence,
  nonCommercial: true,
  source: 'https://github.com/deepinsight/insightface/tree/master/detection/scrfd',
  format: 'onnx',
  files: [
    {
      name: 'scrfd_10g_kps.onnx',
      url: 'https://github.com/yakhyo/uniface/releases/download/weights/scrfd_10g_kps.onnx',
      sha256: '5838f7fe053675b1c7a08b633df49e7af5495cee0493c7dcf6697200b85b5b91',
    },
  ],
  input: scrfdInput,
  decoder: 'scrfd',
};
