import { encodeBase64 } from '../base64.ts';
import { littleEndian } from './answer.ts';
import type { WireFace, WireFaces, WireObjectFace } from './answer-schema.ts';

/** Calls and what is answered, for the OpenAPI document and the page for people. */

/** Vectors have hundreds of numbers and PNGs thousands of bytes: here are the first of them. */
const shortened = {
  facen: encodeBase64(littleEndian(Float32Array.of(0.0625, -0.031_25, 0.125, 0.0078125))),
  normalized: 'iVBORw0KGgoAAAANSUhEUgAA',
};

const bbox = { left: 595, top: 127, right: 812, bottom: 344 };
const emotions = [
  ['neutral', 0.90854686],
  ['sad', 0.051211596],
  ['happy', 0.025291856],
  ['surprise', 0.009765536],
  ['fear', 0.0031788],
  ['angry', 0.0013723],
  ['disgust', 0.000633],
] as const;

const face = {
  bbox,
  detection_score: 0.98765432,
  facen: shortened.facen,
  gender: { gender: 'FEMALE', score: -2.6415858 },
  age: 26.048346,
  emotions: emotions.map(([emotion, score]) => ({ emotion, score })),
  normalized: shortened.normalized,
} satisfies WireFace;

const objectFace = {
  bbox,
  detection_score: 0.98765432,
  face_emben: { result: shortened.facen },
  face_age: { result: 26.048346 },
  face_gender: {
    result: [
      { name: 'female', confidence: 0.93350914 },
      { name: 'male', confidence: 0.06649086 },
    ],
  },
} satisfies WireObjectFace;

/** One call and its answer for a version of the API. */
export interface Example {
  readonly call: { readonly requests: readonly object[] };
  readonly answer: { readonly responses: readonly WireFaces[] };
}

export const v1Example: Example = {
  call: {
    requests: [
      {
        image: 'multipart:sample',
        need_facen: true,
        need_gender: true,
        need_age: true,
        need_emotions: true,
        need_normalized: true,
      },
    ],
  },
  answer: { responses: [{ faces: [face] }] },
};

export const v2Example: Example = {
  call: {
    requests: [
      {
        image: 'multipart:sample',
        detector: 'face',
        attributes: ['face_emben', 'face_age', 'face_gender'],
      },
    ],
  },
  answer: { responses: [{ objects: { face: [objectFace] } }] },
};
