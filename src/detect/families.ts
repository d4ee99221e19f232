import { blazeface } from './blazeface.ts';
import type { DetectorFamily, DetectorFamilyName } from './detector.ts';
import { scrfd } from './scrfd.ts';
import { ssdMobilenet } from './ssd-mobilenet.ts';
import { ultraLight } from './ultra-light.ts';
import { yunet } from './yunet.ts';

export const detectorFamilies: Readonly<Record<DetectorFamilyName, DetectorFamily>> = {
  'ssd-mobilenet': ssdMobilenet,
  yunet,
  scrfd,
  blazeface,
  'ultra-light': ultraLight,
};
