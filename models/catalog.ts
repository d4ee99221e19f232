import type { Manifest } from '../src/pipeline/manifest.ts';
import type { Role } from '../src/pipeline/models.ts';
import { manifest as ageGenderManifest } from './age-gender/manifest.ts';
import ageGenderRanges from './age-gender/ranges.json' with { type: 'json' };
import { ageGender } from './age-gender/recipe.ts';
import { manifest as blazefaceManifest } from './blazeface/manifest.ts';
import { manifest as blazefaceAnySizeManifest } from './blazeface-any-size/manifest.ts';
import blazefaceAnySizeRanges from './blazeface-any-size/ranges.json' with { type: 'json' };
import { blazefaceAnySize } from './blazeface-any-size/recipe.ts';
import { manifest as edgefaceSManifest } from './edgeface-s/manifest.ts';
import { manifest as emotionManifest } from './emotion/manifest.ts';
import emotionRanges from './emotion/ranges.json' with { type: 'json' };
import { emotion } from './emotion/recipe.ts';
import { manifest as faceExpressionManifest } from './face-expression/manifest.ts';
import faceExpressionRanges from './face-expression/ranges.json' with { type: 'json' };
import { faceExpression } from './face-expression/recipe.ts';
import { manifest as faceLandmark68Manifest } from './face-landmark-68/manifest.ts';
import faceLandmark68Ranges from './face-landmark-68/ranges.json' with { type: 'json' };
import { faceLandmark68 } from './face-landmark-68/recipe.ts';
import { manifest as faceRecognitionManifest } from './face-recognition/manifest.ts';
import faceRecognitionRanges from './face-recognition/ranges.json' with { type: 'json' };
import { faceRecognition } from './face-recognition/recipe.ts';
import { manifest as faceresManifest } from './faceres/manifest.ts';
import { faceres } from './faceres/recipe.ts';
import { manifest as fairfaceManifest } from './fairface/manifest.ts';
import { manifest as ferMobilefacenetManifest } from './fer-mobilefacenet/manifest.ts';
import { manifest as genderageManifest } from './genderage/manifest.ts';
import { graphModelPack, type Pack, tfjsPack, weightsPack } from './pack.ts';
import { manifest as scrfd10gManifest } from './scrfd-10g/manifest.ts';
import { manifest as scrfd500mManifest } from './scrfd-500m/manifest.ts';
import { manifest as sface2021decManifest } from './sface-2021dec/manifest.ts';
import { manifest as ssdManifest } from './ssd-mobilenetv1/manifest.ts';
import ssdRanges from './ssd-mobilenetv1/ranges.json' with { type: 'json' };
import { ssdMobilenetV1 } from './ssd-mobilenetv1/recipe.ts';
import { manifest as w600kMbfManifest } from './w600k-mbf/manifest.ts';
import { manifest as w600kR50Manifest } from './w600k-r50/manifest.ts';
import { manifest as yunet2023marManifest } from './yunet-2023mar/manifest.ts';

/** The networks that ship with phiz: nothing has to be downloaded to run them. */
export const embeddedPacks: readonly Pack[] = [
  weightsPack(ssdManifest, 'ssd_mobilenetv1_model', ssdMobilenetV1, ssdRanges),
  weightsPack(faceLandmark68Manifest, 'face_landmark_68_model', faceLandmark68, faceLandmark68Ranges),
  weightsPack(faceRecognitionManifest, 'face_recognition_model', faceRecognition, faceRecognitionRanges),
  weightsPack(ageGenderManifest, 'age_gender_model', ageGender, ageGenderRanges),
  weightsPack(faceExpressionManifest, 'face_expression_model', faceExpression, faceExpressionRanges),
  tfjsPack(blazefaceManifest, 'blazeface'),
  graphModelPack(blazefaceAnySizeManifest, 'blazeface', blazefaceAnySize, blazefaceAnySizeRanges),
  graphModelPack(faceresManifest, 'faceres', faceres),
  graphModelPack(emotionManifest, 'emotion', emotion, emotionRanges),
];

/** Networks that can be pulled: `phiz models`. */
export const pullable: readonly Manifest[] = [
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

/** Which embedded network has a role unless another is configured. */
export const defaultNetworks: Readonly<Record<Role, string>> = {
  detector: 'ssd-mobilenetv1',
  candidates: 'blazeface-any-size',
  lightDetector: 'blazeface',
  landmarks: 'face-landmark-68',
  embedding: 'face-recognition',
  age: 'age-gender',
  gender: 'age-gender',
  emotions: 'face-expression',
};

/** @throws RangeError that names the known packs. */
export function embeddedPack(id: string): Pack {
  const pack = embeddedPacks.find(({ manifest }) => manifest.id === id);
  if (!pack) {
    const known = embeddedPacks.map(({ manifest }) => manifest.id).join(', ');
    throw new RangeError(`no network ${JSON.stringify(id)} ships with phiz; known are ${known}`);
  }
  return pack;
}
