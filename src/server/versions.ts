import type { AttributeName, Face } from '../face/face.ts';
import {
  type AnswerRules,
  type BytesForm,
  littleEndian,
  scoresQuality,
  single,
  toWireBox,
  toWireFace,
  toWireLandmarks,
  toWirePose,
  wantedOf,
} from './answer.ts';
import type { WireFaces, WireFacesV1, WireFacesV2, WireObjectFace } from './answer-schema.ts';
import type { FaceRequest } from './request-schema.ts';

/** The versions of the API: views of one answer to the same requests. */

export interface ApiVersion<Faces extends WireFaces = WireFaces> {
  /** Attributes that its answers need besides those that a request asks for. */
  extra(request: FaceRequest, rules: AnswerRules): readonly AttributeName[];
  /** The faces of one request. */
  toWire(faces: readonly Face[], request: FaceRequest, rules: AnswerRules, form: BytesForm): Faces;
  /** The empty answer that stands beside an error. */
  readonly nothing: Faces;
}

export const v1: ApiVersion<WireFacesV1> = {
  extra: (request, rules) => (scoresQuality(request, rules) ? ['quality'] : []),
  toWire: (faces, request, rules, form) => {
    const wanted = wantedOf(request);
    const byQuality = scoresQuality(request, rules);
    return { faces: faces.map((face) => toWireFace(face, wanted, byQuality, form)) };
  },
  nothing: { faces: [] },
};

export const v2: ApiVersion<WireFacesV2> = {
  extra: () => [],
  toWire: (faces, request, _, form) => {
    const wanted = wantedOf(request);
    return { objects: { face: faces.map((face) => toObjectFace(face, wanted, form)) } };
  },
  nothing: { objects: {} },
};

function toObjectFace(
  face: Face,
  wanted: ReadonlyMap<AttributeName, ReadonlySet<string>>,
  form: BytesForm,
): WireObjectFace {
  const wire = { bbox: toWireBox(face), detection_score: single(face.confidence) };
  const attributes = [...wanted].flatMap(([attribute, keys]) => {
    const result = resultOf(face, attribute, form);
    // A PNG comes bare, as in v1.
    return [...keys].map((key) => [key, attribute === 'chip' ? result : { result }] as const);
  });
  return Object.assign(wire, Object.fromEntries(attributes));
}

/** The value of an attribute that the face has, since it was asked for. */
function resultOf(face: Face, attribute: AttributeName, form: BytesForm): unknown {
  switch (attribute) {
    case 'embedding':
      return form.write(littleEndian(face.embedding!));
    case 'gender':
      return byConfidence(genders(face.gender!.score));
    case 'age':
      return single(face.age!);
    case 'emotions':
      return byConfidence(face.emotions!.map(({ label, probability }) => [label, probability]));
    case 'chip':
      return face.png;
    case 'landmarks':
      return toWireLandmarks(face.landmarks!);
    case 'headPose':
      return toWirePose(face.headPose!);
    case 'quality':
      return single(face.quality!);
    default:
      return attribute satisfies never;
  }
}

/** Probabilities from ln(p(male) / p(female)). */
function genders(score: number): [name: string, probability: number][] {
  const male = 1 / (1 + Math.exp(-score));
  return [
    ['male', male],
    ['female', 1 - male],
  ];
}

function byConfidence(named: readonly (readonly [name: string, probability: number])[]) {
  return named
    .map(([name, probability]) => ({ name, confidence: single(probability) }))
    .sort((first, second) => second.confidence - first.confidence);
}
