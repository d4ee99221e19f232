import * as v from 'valibot';
import { detectorFamilyNames } from '../detect/detector.ts';
import { type AgeGenderReader, ageGenderReaders } from '../face/age-gender.ts';
import { emotionLabels } from '../face/face.ts';

/**
 * The facts that are needed to run a network and to read its outputs. The schema is the single
 * source of the type; each message says what was expected. A manifest of a network that does not
 * ship with phiz is a JSON file of this form (`docs/models.md` explains every key).
 */

const text = v.pipe(v.string('a text'), v.trim(), v.nonEmpty('a text'));
const positive = v.pipe(v.number('a number'), v.gtValue(0, 'a number above 0'));

const side = 'a whole number of pixels from 1 to 4096';
const pixels = v.pipe(v.number(side), v.integer(side), v.minValue(1, side), v.maxValue(4096, side));

const channels = 'a number, or a list of three';
const perChannel = v.union(
  [v.number(channels), v.tuple([v.number(channels), v.number(channels), v.number(channels)], channels)],
  channels,
);

const fixedSize = v.strictObject({ width: pixels, height: pixels }, '{"width": …, "height": …}');
const anySize = v.strictObject({ multipleOf: pixels }, '{"multipleOf": …}');

const input = <Size extends v.GenericSchema>(size: Size) =>
  v.strictObject(
    {
      /** Not said: the network's only input. */
      name: v.optional(text),
      layout: v.optional(v.picklist(['NCHW', 'NHWC'], 'NCHW or NHWC'), 'NCHW'),
      order: v.optional(v.picklist(['RGB', 'BGR'], 'RGB or BGR'), 'RGB'),
      /** A value v from 0 to 255 becomes (v - mean) · scale. */
      mean: v.optional(perChannel, 0),
      scale: v.optional(perChannel, 1),
      size,
    },
    'what the network wants to be given',
  );

const square = v.pipe(
  fixedSize,
  v.check(({ width, height }) => width === height, 'a width that equals the height'),
);

const digest = 'a SHA-256 of 64 hexadecimal digits';
const fileName = 'a file name without a folder';
const file = v.strictObject(
  {
    name: v.pipe(v.string(fileName), v.regex(/^[\w][\w.-]*$/, fileName)),
    sha256: v.pipe(v.string(digest), v.toLowerCase(), v.regex(/^[\da-f]{64}$/, digest)),
    /** Where it can be had. */
    url: v.optional(v.pipe(v.string('a URL'), v.regex(/^https?:\/\//, 'an http or https URL'))),
    /** In bytes. */
    size: v.optional(v.pipe(v.number('a number of bytes'), v.integer('a number of bytes'), v.minValue(1))),
  },
  '{"name": …, "sha256": …}',
);

const idForm = 'an id of small letters, digits, dots and hyphens';

const common = {
  id: v.pipe(v.string(idForm), v.regex(/^[a-z\d][a-z\d.-]{0,63}$/, idForm)),
  /** For people. */
  title: text,
  /** SPDX identifier, or a few words. */
  licence: text,
  /** True where the licence forbids commercial use. */
  nonCommercial: v.optional(v.boolean('true or false'), false),
  /** Where the weights were first published. */
  source: text,
  /** Format of the files: `onnx`, or `tfjs` (a graph model: its JSON, then its weights). */
  format: v.optional(v.picklist(['onnx', 'tfjs'], 'onnx or tfjs'), 'onnx'),
  /** Empty for the networks that ship with phiz: their weights are assets. */
  files: v.optional(v.array(file, 'a list of files'), []),
};

const share = v.pipe(positive, v.ltValue(1, 'a share below 1'));

/** A network that looks at a square around an aligned face. */
const ofFaces = {
  ...common,
  input: input(square),
  /** Where the eyes lie in the square, as shares of its side. */
  crop: v.strictObject(
    { eyeHalfDistance: share, eyeHeight: share },
    '{"eyeHalfDistance": …, "eyeHeight": …}',
  ),
};

const detector = <Family extends (typeof detectorFamilyNames)[number]>(family: Family) =>
  v.strictObject({
    ...common,
    decoder: v.literal(family),
    /** Id of a shipped detector that proposes candidates for this one to verify. */
    confirms: v.optional(common.id),
    /** Of a detector that confirms: the id of one that scans for small faces in the first one's place. */
    scan: v.optional(common.id),
    input: input(v.union([fixedSize, anySize], '{"width": …, "height": …} or {"multipleOf": …}')),
  });

const cosine = v.pipe(v.number('a cosine'), v.minValue(-1, 'a cosine'), v.maxValue(1, 'a cosine'));
const thresholds = v.strictObject(
  { '1%': cosine, '0.1%': cosine, '0.01%': cosine },
  '{"1%": …, "0.1%": …, "0.01%": …}',
);
const transformForm = '{"shift": […]} or {"constant": …}';

/** Measurements of vectors by `phiz models calibrate`. */
const calibration = v.strictObject(
  {
    /** Ids of the networks whose vectors follow those of this one. */
    followedBy: v.optional(v.array(common.id, 'a list of ids'), []),
    /** See `FacenTransform` in src/face/facen-scale.ts. Absent: there is none that keeps cosines in their order. */
    transform: v.optional(
      v.union(
        [
          v.strictObject({ shift: v.array(v.number('a number'), 'a list of numbers') }),
          v.strictObject({ constant: share }),
        ],
        transformForm,
      ),
    ),
    /** Cosines that a share of pairs of strangers exceeds, on each scale. */
    thresholds: v.strictObject(
      { native: thresholds, findface: v.optional(thresholds) },
      '{"native": …, "findface": …}',
    ),
  },
  'what phiz models calibrate writes',
);

const ageGender = <Name extends AgeGenderReader>(name: Name) =>
  v.strictObject({ ...ofFaces, decoder: v.literal(name) });

const labels = `the seven of ${emotionLabels.join(', ')} in the order of the network's outputs`;

const manifestSchema = v.variant(
  'decoder',
  [
    detector('ssd-mobilenet'),
    detector('yunet'),
    detector('scrfd'),
    detector('blazeface'),
    detector('ultra-light'),
    v.strictObject({
      ...ofFaces,
      decoder: v.literal('embedding'),
      /** Numbers in an embedding. */
      dimensions: v.pipe(v.number('a whole number'), v.integer('a whole number'), v.minValue(1)),
      /** The length of its vector among those of the other networks of a pack. */
      weight: v.optional(positive, 1),
      /** True: the network looks at the mirror image too, and its vector is the mean of the two. */
      mirrored: v.optional(v.boolean('true or false'), true),
      calibrations: v.optional(v.array(calibration, 'a list of calibrations'), []),
    }),
    ageGender('age-gender'),
    ageGender('age-gender-faceres'),
    ageGender('age-gender-insightface'),
    ageGender('age-gender-fairface'),
    v.strictObject({
      ...ofFaces,
      decoder: v.literal('emotion'),
      labels: v.pipe(
        v.array(v.picklist(emotionLabels, labels), labels),
        v.length(emotionLabels.length, labels),
        v.check((list) => new Set(list).size === list.length, labels),
      ),
    }),
  ],
  ({ received }) =>
    received === undefined
      ? 'a decoder'
      : `a decoder of ${[...detectorFamilyNames, 'embedding', ...Object.keys(ageGenderReaders), 'emotion'].join(', ')}`,
);

/** A network that phiz can run: its files, its input, how its answers are read. `docs/models.md` explains every key. */
export type Manifest = v.InferOutput<typeof manifestSchema> | PointsManifest;
export type DetectorManifest = Extract<Manifest, { decoder: (typeof detectorFamilyNames)[number] }>;
export type EmbeddingManifest = Extract<Manifest, { decoder: 'embedding' }>;
export type AgeGenderManifest = Extract<Manifest, { decoder: AgeGenderReader }>;
export type EmotionManifest = Extract<Manifest, { decoder: 'emotion' }>;
/** Of points in a face: only networks that ship with phiz, since no key of the configuration chooses one. */
export type PointsManifest = Pick<v.InferOutput<typeof manifestSchema>, keyof typeof common> & {
  readonly decoder: 'landmarks-68' | 'mesh-468';
  readonly input: EmotionManifest['input'];
};

/** A file's format; `onnx` takes NCHW tensors as a rule, `tfjs` NHWC. */
export type ModelFormat = Manifest['format'];

/** The task of a network. */
export type Capability = 'detection' | 'landmarks' | 'embedding' | 'age-gender' | 'emotions';

export function capabilityOf({ decoder }: Pick<Manifest, 'decoder'>): Capability {
  if (isOfPoints({ decoder })) return 'landmarks';
  if (decoder === 'embedding') return 'embedding';
  if (decoder === 'emotion') return 'emotions';
  return decoder in ageGenderReaders ? 'age-gender' : 'detection';
}

export function isOfPoints(manifest: Pick<Manifest, 'decoder'>): manifest is Pick<PointsManifest, 'decoder'> {
  return manifest.decoder === 'landmarks-68' || manifest.decoder === 'mesh-468';
}

/**
 * Checks a manifest, such as the parsed JSON of a `manifest.json`.
 * @throws ManifestError with one line: the key and what was expected there.
 */
export function readManifest(values: unknown): Manifest {
  const result = v.safeParse(manifestSchema, values, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = issue.path?.map((step) => String(step.key)).join('.');
  const found = issue.received === undefined ? '' : `, found ${issue.received}`;
  const expected = issue.expected === 'never' ? 'no such key' : issue.message;
  throw new ManifestError(key ? `${key}: expected ${expected}${found}` : `expected ${expected}`);
}

/** A manifest that says too little, or something wrong. The message is one line. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}
