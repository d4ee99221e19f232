import type { Catalogue } from '../src/pipeline/catalogue.ts';
import { builtPack, type Pack } from '../src/pipeline/pack.ts';
import { manifest as ageGenderManifest } from './age-gender/manifest.ts';
import { manifest as blazefaceManifest } from './blazeface/manifest.ts';
import { manifest as blazefaceAnySizeManifest } from './blazeface-any-size/manifest.ts';
import { manifest as edgefaceSManifest } from './edgeface-s/manifest.ts';
import { manifest as emotionManifest } from './emotion/manifest.ts';
import { manifest as faceExpressionManifest } from './face-expression/manifest.ts';
import { manifest as faceLandmark68Manifest } from './face-landmark-68/manifest.ts';
import { manifest as faceRecognitionManifest } from './face-recognition/manifest.ts';
import { manifest as facemeshManifest } from './facemesh/manifest.ts';
import { manifest as faceresManifest } from './faceres/manifest.ts';
import { manifest as fairfaceManifest } from './fairface/manifest.ts';
import { manifest as ferMobilefacenetManifest } from './fer-mobilefacenet/manifest.ts';
import { manifest as genderageManifest } from './genderage/manifest.ts';
import { manifest as mobilefacenetManifest } from './mobilefacenet/manifest.ts';
import { manifest as scrfd10gManifest } from './scrfd-10g/manifest.ts';
import { manifest as scrfd500mManifest } from './scrfd-500m/manifest.ts';
import { manifest as sface2021decManifest } from './sface-2021dec/manifest.ts';
import { manifest as ssdManifest } from './ssd-mobilenetv1/manifest.ts';
import { manifest as ultraLightRfb320Manifest } from './ultra-light-rfb-320/manifest.ts';
import { manifest as w600kMbfManifest } from './w600k-mbf/manifest.ts';
import { manifest as w600kR50Manifest } from './w600k-r50/manifest.ts';
import { manifest as yunet2023marManifest } from './yunet-2023mar/manifest.ts';

/** See build/networks/recipes.ts, of which the build makes their files. */
const shipped: readonly Pack[] = [
  ssdManifest,
  faceLandmark68Manifest,
  mobilefacenetManifest,
  facemeshManifest,
  faceRecognitionManifest,
  ageGenderManifest,
  faceExpressionManifest,
  blazefaceManifest,
  blazefaceAnySizeManifest,
  faceresManifest,
  emotionManifest,
  ultraLightRfb320Manifest,
].map(builtPack);

const pullable: Catalogue['pullable'] = [
  yunet2023marManifest,
  scrfd500mManifest,
  scrfd10gManifest,
  sface2021decManifest,
  w600kMbfManifest,
  w600kR50Manifest,
  edgefaceSManifest,
  genderageManifest,
  fairfaceManifest,
  ferMobilefacenetManifest,
];

const defaults: Catalogue['defaults'] = {
  detector: ['ssd-mobilenetv1'],
  scout: ['blazeface-any-size'],
  scan: ['ultra-light-rfb-320'],
  lightDetector: ['blazeface-any-size'],
  mesh: ['facemesh'],
  landmarks: ['face-landmark-68'],
  embedding: ['mobilefacenet', 'face-recognition'],
  age: ['age-gender'],
  gender: ['age-gender'],
  emotions: ['face-expression', 'emotion'],
};

/** Every network that has an id in phiz. */
export const catalogue: Catalogue = { shipped, pullable, defaults };

/** A network that ships. @throws RangeError that names those that do. */
export function shippedPack(id: string): Pack {
  const pack = shipped.find(({ manifest }) => manifest.id === id);
  if (!pack) {
    const known = shipped.map(({ manifest }) => manifest.id).join(', ');
    throw new RangeError(`no network ${JSON.stringify(id)} ships with phiz; known are ${known}`);
  }
  return pack;
}
