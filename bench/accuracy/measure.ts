import type { Engine } from '../../src/engine.ts';
import type { AttributeName, EmotionLabel, Face } from '../../src/face/face.ts';
import type { DetectorChoice } from '../../src/pipeline/extraction.ts';
import type { AgeGenderSample, DetectionSample, EmotionSample, VerificationSample } from './datasets.ts';
import { matchDetections } from './match.ts';
import {
  type Acceptance,
  acceptance,
  accuracy,
  areaUnderCurve,
  averagePrecision,
  type Labelled,
  mean,
  meanAbsoluteError,
  meanRecall,
  precisionRecall,
  recallAtFalsePositives,
  recallByClass,
  type ScoredDetection,
} from './metrics.ts';
import { labelledFace } from './one-face.ts';
import { drawPairs } from './pairs.ts';
import { type QualityBin, qualityTrend } from './quality-trend.ts';

/** The protocols: what is asked of the engine for each set, and how its answers are scored. */

/** A protocol's access to the engine and the pictures. */
export interface Bench {
  readonly engine: Engine;
  readonly detector: Exclude<DetectorChoice, 'none'>;
  /** The bytes of a picture, ready to be sent. */
  readonly read: (path: string) => Promise<Uint8Array>;
  /** Works on all items, several at a time, and keeps their order. */
  readonly forEach: <Item, Result>(
    items: readonly Item[],
    work: (item: Item) => Promise<Result>,
  ) => Promise<Result[]>;
}

/** Least IoU of a match: the labels enclose the whole head, most detectors the face. */
const overlap = 0.35;

/** False positives over the whole set at which recall is quoted. */
const falsePositives = 5;

/** Precision that a threshold has to give to be called precise. */
const highPrecision = 0.98;

export interface DetectionFigures {
  readonly pictures: number;
  readonly faces: number;
  readonly averagePrecision: number;
  readonly recallAt5FalsePositives: number;
  /** Of what the engine reports as it comes. */
  readonly reported: { readonly precision: number; readonly recall: number };
  /** The lowest threshold that gives a precision of 0.98, and the recall it leaves. */
  readonly precise: { readonly threshold: number; readonly recall: number };
}

/**
 * @param bench with the engine as it comes
 * @param sensitive the same with an engine that reports whatever might be a face
 */
export async function measureDetection(
  bench: Bench,
  sensitive: Bench,
  samples: readonly DetectionSample[],
): Promise<DetectionFigures> {
  const faces = samples.reduce((sum, sample) => sum + sample.faces.length, 0);
  const curve = await detect(sensitive, samples);
  const points = precisionRecall(curve, faces);
  const reported = precisionRecall(await detect(bench, samples), faces).at(-1);
  const precise = points.findLast(({ precision }) => precision >= highPrecision);
  return {
    pictures: samples.length,
    faces,
    averagePrecision: averagePrecision(curve, faces),
    recallAt5FalsePositives: recallAtFalsePositives(curve, faces, falsePositives),
    reported: { precision: reported?.precision ?? Number.NaN, recall: reported?.recall ?? 0 },
    precise: { threshold: precise?.threshold ?? Number.NaN, recall: precise?.recall ?? 0 },
  };
}

async function detect(
  { engine, detector, read, forEach }: Bench,
  samples: readonly DetectionSample[],
): Promise<ScoredDetection[]> {
  const perPicture = await forEach(samples, async ({ path, faces }) => {
    const found = await engine.extract(await read(path), { detector });
    return matchDetections(found.faces, faces, overlap);
  });
  return perPicture.flat();
}

/** Cross pairs for each same-person pair. */
const crossPerSame = 4;

/** True accept rates at false accept rates of 1%, 0.1% and 0.01%. */
export interface Acceptances {
  readonly at1Percent: Acceptance;
  readonly atTenthPercent: Acceptance;
  readonly atHundredthPercent: Acceptance;
}

export function acceptances(same: readonly number[], cross: readonly number[]): Acceptances {
  return {
    at1Percent: acceptance(same, cross, 0.01),
    atTenthPercent: acceptance(same, cross, 0.001),
    atHundredthPercent: acceptance(same, cross, 0.0001),
  };
}

export interface VerificationFigures extends Acceptances {
  readonly pictures: number;
  /** Pictures without a face; their pairs are left out. */
  readonly missed: number;
  readonly samePairs: number;
  readonly crossPairs: number;
  readonly auc: number;
  /** The same against every cross pair there is: less at the mercy of the draw. */
  readonly allCrossPairs: { readonly pairs: number } & Acceptances;
  readonly quality: readonly QualityBin[];
}

/** The faces of people, in the order of the samples; undefined where none was found. */
export function describePeople(
  bench: Bench,
  samples: readonly VerificationSample[],
): Promise<(Face | undefined)[]> {
  return bench.forEach(samples, ({ path }) =>
    describeFace(bench, path, ['embedding', 'gender', 'quality', 'landmarks']),
  );
}

/** @param faces see {@link describePeople} */
export function verificationFigures(
  samples: readonly VerificationSample[],
  faces: readonly (Face | undefined)[],
  seed: number,
): VerificationFigures {
  const embeddings = faces.map((face) => face?.embedding);
  const scores = (pairs: readonly (readonly [number, number])[]) =>
    pairs.flatMap(([first, second]) => {
      const a = embeddings[first];
      const b = embeddings[second];
      return a && b ? [dot(a, b)] : [];
    });
  const people = samples.map(({ person }) => person);
  const drawn = drawPairs(people, crossPerSame, seed);
  const same = scores(drawn.same);
  const cross = scores(drawn.cross);
  const all = scores(drawPairs(people, Number.POSITIVE_INFINITY, seed).cross);
  return {
    pictures: samples.length,
    missed: embeddings.filter((embedding) => !embedding).length,
    samePairs: same.length,
    crossPairs: cross.length,
    auc: areaUnderCurve(same, cross),
    ...acceptances(same, cross),
    allCrossPairs: { pairs: all.length, ...acceptances(same, all) },
    quality: qualityTrend(faces.filter((face) => face !== undefined)),
  };
}

/** The cosine of two embeddings, which are of length 1. */
export function dot(first: Float32Array, second: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < first.length; index++) sum += first[index]! * second[index]!;
  return sum;
}

/** Ages at which the error is quoted besides the overall one. */
const [workingFrom, workingTo] = [15, 65];

export interface AgeGenderFigures {
  readonly pictures: number;
  readonly missed: number;
  /** Years, mean absolute error. */
  readonly ageError: number;
  readonly ageErrorFrom15To65: number;
  /** Years, mean of guess less truth. */
  readonly ageBias: number;
  readonly gender: number;
}

/** A labelled face and what was guessed; undefined where it was not found. */
export interface AgeGenderResult {
  readonly sample: AgeGenderSample;
  readonly guess: { readonly age: number; readonly sex: 'male' | 'female'; readonly face: Face } | undefined;
}

export function guessAgesAndGenders(
  bench: Bench,
  samples: readonly AgeGenderSample[],
): Promise<AgeGenderResult[]> {
  return bench.forEach(samples, async (sample) => {
    const face = await describeFace(bench, sample.path, ['age', 'gender', 'quality', 'landmarks']);
    return { sample, guess: face && { age: face.age!, sex: face.gender!.label, face } };
  });
}

export function ageGenderFigures(results: readonly AgeGenderResult[]): AgeGenderFigures {
  const found = results.flatMap(({ sample, guess }) => (guess ? [{ sample, guess }] : []));
  const ages: Labelled<number>[] = found.map(({ sample, guess }) => ({
    expected: sample.age,
    actual: guess.age,
  }));
  return {
    pictures: results.length,
    missed: results.length - found.length,
    ageError: meanAbsoluteError(ages),
    ageErrorFrom15To65: meanAbsoluteError(
      ages.filter(({ expected }) => expected >= workingFrom && expected <= workingTo),
    ),
    ageBias: mean(ages.map(({ expected, actual }) => actual - expected)),
    gender: accuracy(found.map(({ sample, guess }) => ({ expected: sample.sex, actual: guess.sex }))),
  };
}

export interface EmotionFigures {
  readonly pictures: number;
  readonly missed: number;
  /** Over the faces found. */
  readonly accuracy: number;
  readonly meanRecall: number;
  readonly recall: Readonly<Partial<Record<EmotionLabel, number>>>;
}

export async function measureEmotion(
  bench: Bench,
  samples: readonly EmotionSample[],
): Promise<EmotionFigures> {
  const results = await bench.forEach(samples, async ({ path, emotion }) => {
    const face = await describeFace(bench, path, ['emotions']);
    return face && { expected: emotion, actual: face.emotions![0]!.label };
  });
  const found = results.filter((result) => result !== undefined);
  return {
    pictures: samples.length,
    missed: samples.length - found.length,
    accuracy: accuracy(found),
    meanRecall: meanRecall(found),
    recall: Object.fromEntries(recallByClass(found)),
  };
}

/** The face that a picture's label is about, if it was found. */
export async function describeFace(
  { engine, detector, read }: Bench,
  path: string,
  attributes: readonly AttributeName[],
): Promise<Face | undefined> {
  const { width, height, faces } = await engine.extract(await read(path), { detector, attributes });
  return labelledFace(faces, width, height);
}
