import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, type Outputs, outputOf, runOnMirroredChips } from './crop.ts';
import type { Gender } from './face.ts';
import { softmax } from './softmax.ts';

export interface AgeAndGender {
  /** Years, at least 0. */
  readonly age: number;
  readonly gender: Gender;
}

/** A network's estimates from one view of a face. */
interface Reading {
  /** Years. */
  readonly age: number;
  /** ln(p(male) / p(female)) */
  readonly score: number;
}

/** Readers of age and gender from networks' outputs, by the manifest's `decoder`. */
export const ageGenderReaders = {
  /** `age`: years; `gender`: logits of male and female. */
  'age-gender': (outputs) => {
    const [male, female] = outputOf(outputs, 'gender', 2) as unknown as [number, number];
    return { age: outputOf(outputs, 'age', 1)[0]!, score: male - female };
  },
  /** `age`: logits of the ages 0 to 99; `gender`: ln(p(male) / p(female)). */
  'age-gender-faceres': (outputs) => ({
    age: expectation(outputOf(outputs, 'age', 100), (year) => year),
    score: outputOf(outputs, 'gender', 1)[0]!,
  }),
  /** Logits of female and male, and the age in hundreds of years. */
  'age-gender-insightface': (outputs) => {
    const [female, male, age] = outputOf(outputs, 'fc1', 3) as unknown as [number, number, number];
    return { age: 100 * age, score: male - female };
  },
  /** Logits of male and female, and of nine groups of ages. */
  'age-gender-fairface': (outputs) => {
    const [male, female] = outputOf(outputs, 'gender_output', 2) as unknown as [number, number];
    const age = expectation(outputOf(outputs, 'age_output', 9), (group) => fairfaceAges[group]!);
    return { age, score: male - female };
  },
} satisfies Readonly<Record<string, (outputs: Outputs) => Reading>>;

export type AgeGenderReader = keyof typeof ageGenderReaders;

/** The middles of the groups 0–2, 3–9, 10–19, 20–29 and so on to 70 and more. */
const fairfaceAges = [1.5, 6.5, 15, 25, 35, 45, 55, 65, 75] as const;

/**
 * Age and gender of the faces in these chips: the means over each chip and its mirror image.
 *
 * @throws TypeError where the network does not have the outputs that the reader wants.
 */
export function estimateAgeAndGender(
  network: Network,
  input: FaceInput,
  reader: AgeGenderReader,
  chips: readonly Raster[],
): Promise<AgeAndGender[]> {
  const read = ageGenderReaders[reader];
  return runOnMirroredChips(network, input, chips, (plain, mirrored) => {
    const [seen, reflected] = [read(plain), read(mirrored)];
    const score = (seen.score + reflected.score) / 2;
    return {
      age: Math.max(0, (seen.age + reflected.age) / 2),
      gender: { label: score >= 0 ? 'male' : 'female', score },
    };
  });
}

/** The mean of what the classes stand for, weighted by their probabilities. */
function expectation(logits: Float32Array, worth: (index: number) => number): number {
  return softmax(logits).reduce((sum, probability, index) => sum + probability * worth(index), 0);
}
