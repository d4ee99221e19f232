import { encodeBase64 } from '../base64.ts';
import type { Config } from '../config/schema.ts';
import { attributeWords, detectorChoice, detectors, namedAttribute } from '../config/vocabulary.ts';
import { PhizError } from '../errors.ts';
import type { AttributeName, Face, HeadPose } from '../face/face.ts';
import type { Point } from '../image/geometry.ts';
import type { ChipForm, ExtractOptions, FacesOrder, Timings } from '../pipeline/extraction.ts';
import type { WireFace, WireLandmarks, WireTimings } from './answer-schema.ts';
import type { FaceRequest } from './request-schema.ts';

/** The contract's words for what the engine does, in both directions. */

/** The configuration's rules for requests and answers. */
export interface AnswerRules {
  /** True: v1's `detection_score` is the quality score. */
  readonly qualityEstimator: boolean;
  readonly facesOrder: FacesOrder;
  /** Further names of the detector `nnd`. */
  readonly detectorAliases: readonly string[];
  /** Attributes that are switched off, besides those whose network is. */
  readonly off: readonly AttributeName[];
}

export function answerRules(config: Config): AnswerRules {
  return {
    qualityEstimator: config.quality_estimator,
    facesOrder: config.faces_order,
    detectorAliases: config.nnd.aliases,
    off: [
      ...(config.models.headpose === '' ? (['headPose'] as const) : []),
      ...(config.models.quality === '' ? (['quality'] as const) : []),
    ],
  };
}

/** The attributes that a request asks for, by flags and by names, each with its keys in an answer of v2. */
export function wantedOf(request: FaceRequest): Map<AttributeName, Set<string>> {
  const wanted = new Map<AttributeName, Set<string>>();
  const want = (attribute: AttributeName, key: string) =>
    wanted.set(attribute, (wanted.get(attribute) ?? new Set()).add(key));
  for (const [attribute, { flag, unified }] of Object.entries(attributeWords)) {
    if (request[flag]) want(attribute as AttributeName, unified);
  }
  for (const name of request.attributes ?? []) {
    const named = namedAttribute(name);
    if (named.attribute) want(named.attribute, named.unified);
  }
  return wanted;
}

const stageOf: Record<keyof Timings, keyof WireTimings> = {
  decode: 'decode',
  detect: 'detect',
  align: 'normalize',
  embedding: 'facen',
  gender: 'gender',
  age: 'age',
  emotions: 'emotions',
  quality: 'quality',
  encode: 'encode',
};

/** True where the `detection_score` of v1 is to be the quality score. */
export function scoresQuality(request: FaceRequest, rules: AnswerRules): boolean {
  return rules.qualityEstimator && detectorChoice(request.detector, rules.detectorAliases) !== 'light';
}

/**
 * The engine's options for a request.
 * @param extra attributes that the answer needs besides
 * @param form of bytes in the answer
 * @throws PhizError AUTO_ROTATE_UNAVAILABLE or MODEL_UNAVAILABLE
 */
export function toOptions(
  request: FaceRequest,
  rules: AnswerRules,
  extra: readonly AttributeName[],
  form: BytesForm,
): ExtractOptions {
  const detector = detectorChoice(request.detector, rules.detectorAliases);
  if (!detector) {
    throw new PhizError(
      'MODEL_UNAVAILABLE',
      `there is no detector ${JSON.stringify(request.detector.slice(0, 60))}: phiz finds faces, with ${detectors.join(', ')}`,
    );
  }
  if (request.auto_rotate && !(detector === 'primary' && rules.qualityEstimator)) {
    throw new PhizError(
      'AUTO_ROTATE_UNAVAILABLE',
      'auto_rotate needs "detector": "nnd" and quality_estimator: true in the configuration',
    );
  }
  const wanted = wantedOf(request);
  const off = rules.off.find((attribute) => wanted.has(attribute));
  if (off) throw new PhizError('MODEL_UNAVAILABLE', `The model for ${off} is switched off`);
  const attributes = new Set([...wanted.keys(), ...extra]);
  return {
    detector,
    attributes: [...attributes],
    ...(attributes.has('chip') && { chips: form.chips }),
    autoRotate: request.auto_rotate,
    order: request.order ?? rules.facesOrder,
    ...(request.roi && { region: request.roi }),
    ...(request.max_faces !== undefined && { maxFaces: request.max_faces }),
    ...(request.min_size !== undefined && { minSize: request.min_size }),
    ...(request.min_score !== undefined && { minConfidence: request.min_score }),
  };
}

/** The form in which bytes are sent: as they are (MessagePack) or as base64 (JSON). */
export interface BytesForm {
  write(bytes: Uint8Array): string | Uint8Array;
  /** The form in which the engine gives aligned faces. */
  readonly chips: Exclude<ChipForm, 'pixels'>;
}

export const asBase64: BytesForm = { write: encodeBase64, chips: 'base64' };
export const asBytes: BytesForm = { write: (bytes) => bytes, chips: 'png' };

/**
 * A face as v1 has it: exactly what the request asked for.
 * @param byQuality see {@link scoresQuality}
 */
export function toWireFace(
  face: Face,
  wanted: ReadonlyMap<AttributeName, unknown>,
  byQuality: boolean,
  form: BytesForm,
): WireFace {
  const score = byQuality ? face.quality! : face.confidence;
  const wire: WireFace = { bbox: toWireBox(face), detection_score: single(score) };
  if (face.embedding) wire.facen = form.write(littleEndian(face.embedding));
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
  if (face.png) wire.normalized = face.png;
  if (face.landmarks) wire.landmarks = toWireLandmarks(face.landmarks);
  if (face.headPose) wire.headpose = toWirePose(face.headPose);
  if (wanted.has('quality')) wire.quality = single(face.quality!);
  return wire;
}

export function toWireBox({ box: { left, top, right, bottom } }: Face): WireFace['bbox'] {
  return { left, top, right, bottom };
}

export function toWireLandmarks({ five, all }: NonNullable<Face['landmarks']>): WireLandmarks {
  const [left_eye, right_eye, nose, left_mouth, right_mouth] = five;
  return {
    left_eye: toWirePoint(left_eye),
    right_eye: toWirePoint(right_eye),
    nose: toWirePoint(nose),
    left_mouth: toWirePoint(left_mouth),
    right_mouth: toWirePoint(right_mouth),
    ...(all && { all: all.map(toWirePoint) }),
  };
}

export function toWirePose({ yaw, pitch, roll }: HeadPose): NonNullable<WireFace['headpose']> {
  return { yaw: single(yaw), pitch: single(pitch), roll: single(roll) };
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
export const single = (value: number) => Number(value.toPrecision(8));

/** IEEE 754 single precision, least significant byte first, whatever the machine's order. */
export function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i]!, true);
  return bytes;
}
