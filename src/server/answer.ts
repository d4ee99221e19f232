import { PhizError } from '../errors.ts';
import type { AttributeName, Face } from '../face/face.ts';
import { encodePng } from '../image/encode-png.ts';
import type { Point } from '../image/geometry.ts';
import type { DetectorChoice, ExtractOptions, Timings } from '../pipeline/extraction.ts';
import type { WireFace, WireTimings } from './answer-schema.ts';
import { encodeBase64 } from './base64.ts';
import type { FaceRequest } from './request-schema.ts';

/** The contract's words for what the engine does, in both directions. */

const detectorChoices: Record<FaceRequest['detector'], DetectorChoice> = {
  nnd: 'primary',
  legacy: 'light',
  prenormalized: 'none',
};

const attributeOf = {
  need_facen: 'embedding',
  need_gender: 'gender',
  need_age: 'age',
  need_emotions: 'emotions',
  need_normalized: 'chip',
  need_landmarks: 'landmarks',
  need_headpose: 'headPose',
  need_quality: 'quality',
} as const satisfies Partial<Record<keyof FaceRequest, AttributeName>>;

const stageOf: Record<keyof Timings, keyof WireTimings> = {
  decode: 'decode',
  detect: 'detect',
  align: 'normalize',
  embedding: 'facen',
  gender: 'gender',
  age: 'age',
  emotions: 'emotions',
  quality: 'quality',
};

/** Whether `detection_score` is to be the quality score. */
function scoresQuality(request: FaceRequest, qualityEstimator: boolean): boolean {
  return qualityEstimator && request.detector !== 'legacy';
}

/**
 * What the engine is to do for a request.
 * @throws PhizError AUTO_ROTATE_UNAVAILABLE
 */
export function toOptions(request: FaceRequest, qualityEstimator: boolean): ExtractOptions {
  if (request.auto_rotate && !(request.detector === 'nnd' && qualityEstimator)) {
    throw new PhizError(
      'AUTO_ROTATE_UNAVAILABLE',
      'auto_rotate needs "detector": "nnd" and quality_estimator: true in the configuration',
    );
  }
  const keys = Object.keys(attributeOf) as (keyof typeof attributeOf)[];
  const attributes = new Set<AttributeName>(
    keys.filter((key) => request[key]).map((key) => attributeOf[key]),
  );
  if (scoresQuality(request, qualityEstimator)) attributes.add('quality');
  return {
    detector: detectorChoices[request.detector],
    attributes: [...attributes],
    autoRotate: request.auto_rotate,
    ...(request.roi && { region: request.roi }),
  };
}

/** Sends bytes as they are (MessagePack) or as base64 (JSON). */
export type BytesForm = (bytes: Uint8Array) => string | Uint8Array;
export const asBase64: BytesForm = encodeBase64;
export const asBytes: BytesForm = (bytes) => bytes;

/** A face as the contract wants it: exactly what the request asked for. */
export function toWireFace(
  face: Face,
  request: FaceRequest,
  qualityEstimator: boolean,
  form: BytesForm,
): WireFace {
  const { left, top, right, bottom } = face.box;
  const score = scoresQuality(request, qualityEstimator) ? face.quality! : face.confidence;
  const wire: WireFace = { bbox: { left, top, right, bottom }, detection_score: single(score) };
  if (face.embedding) wire.facen = form(littleEndian(face.embedding));
  if (face.gender) {
    wire.gender = {
      gender: face.gender.label === 'male' ? 'MALE' : 'FEMALE',
      score: single(face.gender.score),
    };
  }
  if (face.age !== undefined) wire.age = single(face.age);
  if (face.emotions) {
    wire.emotions = face.emotions.map(({ label, probability }) => ({
      emotion: label,
      score: single(probability),
    }));
  }
  if (face.chip) wire.normalized = form(encodePng(face.chip));
  if (face.landmarks) {
    const [left_eye, right_eye, nose, left_mouth, right_mouth] = face.landmarks.five;
    wire.landmarks = {
      left_eye: toWirePoint(left_eye),
      right_eye: toWirePoint(right_eye),
      nose: toWirePoint(nose),
      left_mouth: toWirePoint(left_mouth),
      right_mouth: toWirePoint(right_mouth),
      ...(face.landmarks.all && { all: face.landmarks.all.map(toWirePoint) }),
    };
  }
  if (face.headPose) {
    const { yaw, pitch, roll } = face.headPose;
    wire.headpose = { yaw: single(yaw), pitch: single(pitch), roll: single(roll) };
  }
  if (request.need_quality) wire.quality = single(face.quality!);
  return wire;
}

/** The engine's stages under the contract's names. */
export function toWireTimings(timings: Timings): WireTimings {
  const stages = Object.entries(timings) as [keyof Timings, number][];
  return Object.fromEntries(stages.map(([stage, time]) => [stageOf[stage], milliseconds(time)]));
}

/** To the microsecond. */
export const milliseconds = (time: number) => Math.round(time * 1_000) / 1_000;

const toWirePoint = ({ x, y }: Point) => ({ x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100 });

/** The shortest decimal of single precision's eight digits: more would be noise and bytes. */
const single = (value: number) => Number(value.toPrecision(8));

/** IEEE 754 single precision, least significant byte first, whatever the machine's order. */
function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i]!, true);
  return bytes;
}
