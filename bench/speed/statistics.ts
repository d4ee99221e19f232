import { mean } from '../accuracy/metrics.ts';

/** The middle value; of an even number of values the mean of both. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle - 1)]! + sorted[Math.floor(middle)]!) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)));
}

/** A figure with the bounds within which it lies with 95% confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 2_000;

/**
 * The geometric mean of groups of ratios, and how sure it is: by the bootstrap, drawing anew from
 * each group (Efron 1979, percentile interval). Every group counts alike.
 *
 * @param groups ratios measured again and again of the same thing, each group not empty
 * @param random 0 to 1
 */
export function geometricMeanOf(groups: readonly (readonly number[])[], random: () => number): Estimate {
  const figure = (drawn: readonly (readonly number[])[]) => geometricMean(drawn.map(geometricMean));
  const draws = Array.from({ length: resamples }, () =>
    figure(groups.map((group) => group.map(() => group[Math.floor(random() * group.length)]!))),
  ).sort((a, b) => a - b);
  return {
    value: figure(groups),
    low: draws[Math.floor(0.025 * resamples)]!,
    high: draws[Math.ceil(0.975 * resamples) - 1]!,
  };
}
