import * as v from 'valibot';
import { type ErrorCode, errorTable } from '../errors.ts';
import { emotionLabels } from '../face/face.ts';

/** The answers of v1 and of v2: source of the types and of the OpenAPI document. */

const integer = v.pipe(v.number(), v.integer());
const unitInterval = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const pointSchema = v.object({ x: v.number(), y: v.number() });

const bboxSchema = v.pipe(
  v.object({ left: integer, top: integer, right: integer, bottom: integer }),
  v.description('Pixels of the upright picture; right and bottom are exclusive.'),
);
const facenSchema = v.pipe(
  v.string(),
  v.description('Base64 of little-endian float32 values, L2-normalised.'),
);
const ageSchema = v.pipe(v.number(), v.description('Years.'));
const normalizedSchema = v.pipe(v.string(), v.description('Base64 of a PNG of the normalised face.'));
const landmarksSchema = v.pipe(
  v.object({
    left_eye: pointSchema,
    right_eye: pointSchema,
    nose: pointSchema,
    left_mouth: pointSchema,
    right_mouth: pointSchema,
    all: v.optional(v.array(pointSchema)),
  }),
  v.description('Pixels of the upright picture; left and right as the viewer sees them.'),
);
const headposeSchema = v.pipe(
  v.object({ yaw: v.number(), pitch: v.number(), roll: v.number() }),
  v.description("Degrees. Yaw is positive towards the viewer's right, pitch upwards, roll clockwise."),
);
const qualitySchema = v.pipe(
  v.number(),
  v.description('Near 0 for a sharp, frontal, upright face; -5 and less for one of no use.'),
);

export const faceSchema = v.pipe(
  v.object({
    bbox: bboxSchema,
    detection_score: v.pipe(
      v.number(),
      v.description(
        "The detector's confidence, 0 to 1; with `quality_estimator: true` and any detector but `legacy` the quality score instead.",
      ),
    ),
    facen: v.optional(facenSchema),
    gender: v.optional(
      v.object({
        gender: v.picklist(['MALE', 'FEMALE']),
        score: v.pipe(v.number(), v.description('ln(p(male) / p(female)): negative is female.')),
      }),
    ),
    age: v.optional(ageSchema),
    emotions: v.optional(
      v.pipe(
        v.array(v.object({ emotion: v.picklist(emotionLabels), score: unitInterval })),
        v.description('All seven, most probable first.'),
      ),
    ),
    normalized: v.optional(normalizedSchema),
    landmarks: v.optional(landmarksSchema),
    headpose: v.optional(headposeSchema),
    quality: v.optional(qualitySchema),
  }),
  v.title('Face'),
);

/** An attribute of v2. */
const result = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.object({ result: schema }));

/** Names of a thing and how sure each is. */
const confidences = <const Names extends readonly string[]>(names: Names) =>
  v.array(v.object({ name: v.picklist(names), confidence: unitInterval }));

export const objectFaceSchema = v.pipe(
  v.object({
    bbox: bboxSchema,
    detection_score: v.pipe(unitInterval, v.description("The detector's confidence.")),
    face_emben: result(facenSchema),
    face_gender: result(v.pipe(confidences(['male', 'female']), v.description('More probable first.'))),
    face_age: result(ageSchema),
    face_emotions: result(
      v.pipe(confidences(emotionLabels), v.description('All seven, most probable first.')),
    ),
    face_quality: result(qualitySchema),
    face_headpose: result(headposeSchema),
    face_landmarks: result(landmarksSchema),
    normalized: v.optional(normalizedSchema),
  }),
  v.title('ObjectFace'),
  v.description(
    'A face as v2 has it. A variant that was asked for, e.g. `face_emben:name`, is here under that name.',
  ),
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
  v.description('Milliseconds per stage, summed over instances; a stage that did not run is absent.'),
);

/** The keys that every response may have beside its faces. */
const besides = {
  error: v.optional(errorSchema),
  warnings: v.optional(
    v.pipe(v.array(v.string()), v.description("Damage to the picture's file, for people.")),
  ),
  timings: v.optional(timingsSchema),
};

export const responseSchema = v.pipe(
  v.object({ faces: v.array(faceSchema), ...besides }),
  v.title('Response'),
);

export const objectsResponseSchema = v.pipe(
  v.object({
    objects: v.pipe(
      v.object({ face: v.optional(v.array(objectFaceSchema)) }),
      v.description('By kind; empty beside an error.'),
    ),
    ...besides,
  }),
  v.title('ObjectsResponse'),
);

/** The answer to a call, with its responses as one version has them. */
const answerOf = <Schema extends v.GenericSchema>(responses: Schema, title: string) =>
  v.pipe(
    v.object({
      responses: v.pipe(v.array(responses), v.description('One for each request, in the same order.')),
      warnings: v.optional(
        v.pipe(
          v.array(v.string()),
          v.description('What of the call nothing was made of, at most 16 sentences; absent where all was.'),
        ),
      ),
    }),
    v.title(title),
  );

export const answerSchema = answerOf(responseSchema, 'Answer');
export const objectsAnswerSchema = answerOf(objectsResponseSchema, 'ObjectsAnswer');

export const failureSchema = v.pipe(v.object({ error: errorSchema }), v.title('Failure'));

export type WireTimings = v.InferOutput<typeof timingsSchema>;
export type WireError = v.InferOutput<typeof errorSchema>;
export type WireLandmarks = v.InferOutput<typeof landmarksSchema>;

/** Binary values are base64 (JSON) or as they are (MessagePack). */
type WireBytes = string | Uint8Array;

export type WireFace = Omit<v.InferOutput<typeof faceSchema>, 'facen' | 'normalized'> & {
  facen?: WireBytes;
  normalized?: WireBytes;
};

/** Besides what the schema has, variants: keys such as `face_emben:name`. */
export type WireObjectFace = Omit<v.InferOutput<typeof objectFaceSchema>, 'face_emben' | 'normalized'> & {
  face_emben?: { result: WireBytes };
  normalized?: WireBytes;
};

/** The faces found for one request. */
export type WireFaces = WireFacesV1 | WireFacesV2;
/** By v1. */
export type WireFacesV1 = { faces: WireFace[] };
/** By v2. */
export type WireFacesV2 = { objects: { face?: WireObjectFace[] } };

export type WireResponse<Faces extends WireFaces = WireFaces> = Faces & {
  error?: WireError;
  warnings?: string[];
  timings?: WireTimings;
};
