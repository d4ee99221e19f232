import { type AgeGenderFigures, type AgeGenderResult, ageGenderFigures } from './measure.ts';

/** The figures of age and gender for a part of the people. */
export interface Part {
  readonly name: string;
  readonly figures: AgeGenderFigures;
}

/** Years at which the bands begin; the last one has no end. */
const bandStarts = [0, 5, 15, 25, 35, 50, 65] as const;

/** By sex, by age band and by UTKFace group, as the pictures are labelled. */
export function breakdown(results: readonly AgeGenderResult[]): Part[] {
  return [
    ...partsBy(results, ({ sample }) => sample.sex, ['female', 'male']),
    ...partsBy(results, ({ sample }) => bandOf(sample.age), bandStarts.map(bandName)),
    ...partsBy(results, ({ sample }) => sample.group, ['White', 'Black', 'Asian', 'Indian', 'other']),
  ];
}

function partsBy(
  results: readonly AgeGenderResult[],
  nameOf: (result: AgeGenderResult) => string,
  names: readonly string[],
): Part[] {
  return names.flatMap((name) => {
    const members = results.filter((result) => nameOf(result) === name);
    return members.length > 0 ? [{ name, figures: ageGenderFigures(members) }] : [];
  });
}

/** The name of the band that an age belongs to: `15 to 24`. */
export function bandOf(age: number): string {
  return bandName(bandStarts.findLast((start) => start <= age)!);
}

function bandName(start: number): string {
  const next = bandStarts.find((other) => other > start);
  return next === undefined ? `${start} and over` : `${start} to ${next - 1}`;
}
