import type { Face } from '../../src/face/face.ts';
import type { VerificationSample } from './datasets.ts';
import { type Acceptances, acceptances, dot } from './measure.ts';
import { mean } from './metrics.ts';

/** Figures of how well people of one sex are told apart, their sex being what the engine takes them for. */
export interface SexFigures extends Acceptances {
  readonly sex: 'female' | 'male';
  readonly people: number;
  readonly samePairs: number;
  readonly crossPairs: number;
  /** Shares of pairs of one person, and of two, above the threshold that is common to all. */
  readonly common: { readonly accepted: number; readonly falselyAccepted: number };
}

/**
 * A person's sex is what most of the pictures say, the surer ones counting more.
 *
 * @param faces of the samples, with embedding and gender; undefined where none was found
 * @param threshold the cosine that is common to all
 */
export function figuresBySex(
  samples: readonly VerificationSample[],
  faces: readonly (Face | undefined)[],
  threshold: number,
): SexFigures[] {
  const scores = new Map<string, number>();
  const found = samples.flatMap(({ person }, index) => {
    const face = faces[index];
    if (!face) return [];
    scores.set(person, (scores.get(person) ?? 0) + face.gender!.score);
    return [{ person, embedding: face.embedding! }];
  });
  return (['female', 'male'] as const).map((sex) => {
    const isOf = (person: string) => scores.get(person)! < 0 === (sex === 'female');
    const members = found.filter(({ person }) => isOf(person));
    const same: number[] = [];
    const cross: number[] = [];
    members.forEach((first, index) => {
      for (const second of members.slice(index + 1))
        (first.person === second.person ? same : cross).push(dot(first.embedding, second.embedding));
    });
    const above = (values: readonly number[]) => mean(values.map((value) => (value > threshold ? 1 : 0)));
    return {
      sex,
      people: new Set(members.map(({ person }) => person)).size,
      samePairs: same.length,
      crossPairs: cross.length,
      common: { accepted: above(same), falselyAccepted: above(cross) },
      ...acceptances(same, cross),
    };
  });
}
