/**
 * The figures by which face networks are compared. Pure functions of scores and labels; what is
 * undefined (a mean of nothing) is NaN.
 */

/** A detection after matching, and whether it met a labelled face. */
export interface ScoredDetection {
  readonly confidence: number;
  readonly correct: boolean;
}

/**
 * Average precision: the area under the curve of precision over recall, the precision at each
 * recall being the best at that recall or a higher one (PASCAL VOC 2010 and later).
 *
 * @param detections of the whole set, in any order
 * @param faces how many are labelled
 */
export function averagePrecision(detections: readonly ScoredDetection[], faces: number): number {
  const curve = precisionRecall(detections, faces);
  let area = 0;
  let best = 0;
  for (let index = curve.length - 1; index >= 0; index--) {
    const { precision, recall } = curve[index]!;
    best = Math.max(best, precision);
    area += best * (recall - (curve[index - 1]?.recall ?? 0));
  }
  return area;
}

/** The highest share of faces found by any threshold that lets through at most so many false positives. */
export function recallAtFalsePositives(
  detections: readonly ScoredDetection[],
  faces: number,
  falsePositives: number,
): number {
  const allowed = precisionRecall(detections, faces).filter(
    (point) => point.falsePositives <= falsePositives,
  );
  return allowed.at(-1)?.recall ?? 0;
}

interface OperatingPoint {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly falsePositives: number;
}

/** One point for each confidence that occurs, falling: detections of one confidence come together. */
export function precisionRecall(detections: readonly ScoredDetection[], faces: number): OperatingPoint[] {
  const sorted = [...detections].sort((first, second) => second.confidence - first.confidence);
  const points: OperatingPoint[] = [];
  let correct = 0;
  sorted.forEach((detection, index) => {
    if (detection.correct) correct++;
    if (sorted[index + 1]?.confidence === detection.confidence) return;
    points.push({
      threshold: detection.confidence,
      precision: correct / (index + 1),
      recall: correct / faces,
      falsePositives: index + 1 - correct,
    });
  });
  return points;
}

/**
 * Area under the ROC curve: the probability that a pair of one person scores higher than a pair
 * of two, ties counting half (the Mann–Whitney statistic).
 */
export function areaUnderCurve(same: readonly number[], cross: readonly number[]): number {
  const sorted = Float64Array.from(cross).sort();
  let wins = 0;
  for (const score of same) {
    wins += (countBelow(sorted, score) + countBelow(sorted, score, true)) / 2;
  }
  return wins / (same.length * cross.length);
}

/** The number of values less than (or, `inclusive`, not greater than) a limit, in a rising array. */
function countBelow(sorted: Float64Array, limit: number, inclusive = false): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle]!;
    if (value < limit || (inclusive && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A threshold, and the share of same-person pairs that score above it. */
export interface Acceptance {
  readonly threshold: number;
  readonly rate: number;
}

/**
 * True accept rate at a false accept rate: with the lowest threshold which at most that share of
 * the cross pairs exceeds.
 */
export function acceptance(
  same: readonly number[],
  cross: readonly number[],
  falseAcceptRate: number,
): Acceptance {
  const falling = Float64Array.from(cross).sort().reverse();
  // A share such as 0.001 of 1560 is not exact in binary: do not lose a pair to that.
  const accepted = Math.floor(falseAcceptRate * falling.length + 1e-9);
  const threshold = falling[accepted] ?? Number.NEGATIVE_INFINITY;
  return { threshold, rate: same.filter((score) => score > threshold).length / same.length };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A guess and the truth. */
export interface Labelled<Label> {
  readonly expected: Label;
  readonly actual: Label;
}

/** The mean of the distances between guess and truth. */
export function meanAbsoluteError(results: readonly Labelled<number>[]): number {
  return mean(results.map(({ expected, actual }) => Math.abs(actual - expected)));
}

/** The share of right guesses. */
export function accuracy(results: readonly Labelled<unknown>[]): number {
  return mean(results.map(({ expected, actual }) => (expected === actual ? 1 : 0)));
}

/** The share of right guesses of each class that occurs. */
export function recallByClass<Label>(results: readonly Labelled<Label>[]): Map<Label, number> {
  const classes = new Map<Label, Labelled<Label>[]>();
  for (const result of results) {
    const members = classes.get(result.expected);
    if (members) members.push(result);
    else classes.set(result.expected, [result]);
  }
  return new Map([...classes].map(([label, members]) => [label, accuracy(members)]));
}

/** The mean over the classes of the share of right guesses: every class counts the same. */
export function meanRecall(results: readonly Labelled<unknown>[]): number {
  return mean([...recallByClass(results).values()]);
}
