import * as v from 'valibot';
import { type ErrorCode, errorTable } from '../errors.ts';
import { emotionLabels } from '../face/face.ts';

/** What is sent back: source of the types and of the OpenAPI document. */

const integer = v.pipe(v.number(), v.integer());
const unitInterval = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const pointSchema = v.object({ x: v.number(), y: v.number() });

export const faceSchema = v.pipe(
  v.object({
    bbox: v.pipe(
      v.object({ left: integer, top: integer, right: integer, bottom: integer }),
      v.description('Pixels of the upright picture; right and bottom are exclusive.'),
    ),
    detection_score: v.pipe(
      v.number(),
      v.description(
        "The detector's confidence, 0 to 1; with `quality_estimator: true` and any detector but `legacy` the quality score instead.",
      ),
    ),
    facen: v.optional(
      v.pipe(v.string(), v.description('Base64 of little-endian float32 values, L2-normalised.')),
    ),
    gender: v.optional(
      v.object({
        gender: v.picklist(['MALE', 'FEMALE']),
        score: v.pipe(v.number(), v.description('ln(p(male) / p(female)): negative is female.')),
      }),
    ),
    age: v.optional(v.pipe(v.number(), v.description('Years.'))),
    emotions: v.optional(
      v.pipe(
        v.array(v.object({ emotion: v.picklist(emotionLabels), score: unitInterval })),
        v.description('All seven, most probable first.'),
      ),
    ),
    normalized: v.optional(v.pipe(v.string(), v.description('Base64 of a PNG of the normalised face.'))),
    landmarks: v.optional(
      v.pipe(
        v.object({
          left_eye: pointSchema,
          right_eye: pointSchema,
          nose: pointSchema,
          left_mouth: pointSchema,
          right_mouth: pointSchema,
          all: v.optional(v.array(pointSchema)),
        }),
        v.description('Pixels of the upright picture; left and right as the viewer sees them.'),
      ),
    ),
    headpose: v.optional(
      v.pipe(
        v.object({ yaw: v.number(), pitch: v.number(), roll: v.number() }),
        v.description("Degrees. Yaw is positive towards the viewer's right, pitch upwards, roll clockwise."),
      ),
    ),
    quality: v.optional(
      v.pipe(
        v.number(),
        v.description('Near 0 for a sharp, frontal, upright face; -5 and less for one of no use.'),
      ),
    ),
  }),
  v.title('Face'),
);

export const errorSchema = v.pipe(
  v.object({
    code: v.picklist(Object.keys(errorTable) as ErrorCode[]),
    desc: v.pipe(v.string(), v.description('For people: what was expected, what came.')),
  }),
  v.title('Error'),
);

/** The stages of `timings`, in the order in which they run. */
export const timingNames = [
  'fetch',
  'decode',
  'detect',
  'normalize',
  'facen',
  'gender',
  'age',
  'emotions',
  'quality',
  'encode',
  'total',
] as const;

const timingsSchema = v.pipe(
  v.partial(
    v.object(
      Object.fromEntries(timingNames.map((name) => [name, v.number()])) as Record<
        (typeof timingNames)[number],
        v.NumberSchema<undefined>
      >,
    ),
  ),
  v.description('Milliseconds per stage; a stage that did not run is absent.'),
);

export const responseSchema = v.pipe(
  v.object({
    faces: v.array(faceSchema),
    error: v.optional(errorSchema),
    timings: v.optional(timingsSchema),
  }),
  v.title('Response'),
);

export const answerSchema = v.pipe(
  v.object({
    responses: v.pipe(v.array(responseSchema), v.description('One for each request, in the same order.')),
  }),
  v.title('Answer'),
);

export const failureSchema = v.pipe(v.object({ error: errorSchema }), v.title('Failure'));

export type WireTimings = v.InferOutput<typeof timingsSchema>;
export type WireError = v.InferOutput<typeof errorSchema>;
type FaceInBase64 = v.InferOutput<typeof faceSchema>;

/** A face with its binary values as base64 (JSON) or as they are (MessagePack). */
export type WireFace = Omit<FaceInBase64, 'facen' | 'normalized'> & {
  facen?: string | Uint8Array;
  normalized?: string | Uint8Array;
};
export interface WireResponse {
  faces: WireFace[];
  error?: WireError;
  timings?: WireTimings;
}
