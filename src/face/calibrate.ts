import { cosine, type FacenTransform, transformFacen } from './facen-scale.ts';
import { type FalseAcceptRate, falseAcceptRates, type Thresholds } from './verdict.ts';

/** A face whose person is known. */
export interface KnownFace {
  readonly person: string;
  /** On the scale of its networks, of length 1. */
  readonly vector: Float32Array;
}

/** The cosine that FindFace's clients ask for, and the share of strangers that may exceed it. */
export const findfaceThreshold = { cosine: 0.75, rate: '0.1%' } as const;

/** Measurements over pairs of faces. */
export interface Measured {
  readonly samePairs: number;
  readonly crossPairs: number;
  readonly thresholds: Thresholds;
  /** Shares of the pairs of one person that exceed each threshold. */
  readonly accepted: Readonly<Record<FalseAcceptRate, number>>;
  /** The share of strangers above FindFace's threshold. */
  readonly strangersAbove: number;
}

/** A transform for faces, how they are with and without it, and how it does on people it was not fitted to. */
export interface Calibrated {
  readonly transform: FacenTransform;
  readonly native: Measured;
  readonly findface: Measured;
  /** Fitted to every second person, measured on the others; then the other way round. */
  readonly confirmed: readonly [Measured, Measured];
}

/** Least numbers of people and of pairs of strangers that say something of 1 in 1000. */
const [leastPeople, leastPairs] = [20, 4000];

/**
 * Fits the transform with which one stranger in a thousand is above FindFace's threshold.
 *
 * @throws RangeError where there are too few people to say.
 */
export function calibrate(faces: readonly KnownFace[]): Calibrated {
  const people = [...new Set(faces.map(({ person }) => person))].sort();
  const half = (parity: number) => faces.filter(({ person }) => people.indexOf(person) % 2 === parity);
  const halves = [half(0), half(1)] as const;
  const pairs = Math.min(...halves.map((each) => measure(each).crossPairs));
  if (people.length < leastPeople || pairs < leastPairs)
    throw new RangeError(
      `expected at least ${leastPeople} people, and ${leastPairs} pairs of strangers in each half of them, ` +
        `found ${people.length} and ${pairs}`,
    );
  const transform = transformFor(faces);
  return {
    transform,
    native: measure(faces),
    findface: measure(transformed(faces, transform)),
    confirmed: [
      measure(transformed(halves[1], transformFor(halves[0]))),
      measure(transformed(halves[0], transformFor(halves[1]))),
    ],
  };
}

/** Figures of how well faces are told apart by the cosines of their vectors. */
export function measure(faces: readonly KnownFace[]): Measured {
  const same: number[] = [];
  const strangers: number[] = [];
  faces.forEach((first, index) => {
    for (const second of faces.slice(index + 1))
      (first.person === second.person ? same : strangers).push(cosine(first.vector, second.vector));
  });
  const falling = Float64Array.from(strangers).sort().reverse();
  const of = <Value>(value: (rate: number) => Value) =>
    Object.fromEntries(Object.entries(falseAcceptRates).map(([name, rate]) => [name, value(rate)])) as Record<
      FalseAcceptRate,
      Value
    >;
  // A share such as 0.001 of 1560 is not exact in binary: do not lose a pair to that.
  const thresholdAt = (rate: number) => falling[Math.floor(rate * falling.length + 1e-9)] ?? -1;
  const shareAbove = (values: ArrayLike<number>, least: number) =>
    Array.from(values).filter((value) => value > least).length / values.length;
  return {
    samePairs: same.length,
    crossPairs: strangers.length,
    thresholds: of(thresholdAt),
    accepted: of((rate) => shareAbove(same, thresholdAt(rate))),
    strangersAbove: shareAbove(falling, findfaceThreshold.cosine),
  };
}

function transformFor(faces: readonly KnownFace[]): FacenTransform {
  const wanted = findfaceThreshold.cosine;
  const found = measure(faces).thresholds[findfaceThreshold.rate];
  // Raising cosines keeps their order, but takes another number.
  if (found < wanted) return { constant: rounded((wanted - found) / (1 - found)) };
  const common = commonDirection(faces);
  const shiftBy = (share: number) => ({ shift: common.map((value) => rounded(-share * value)) });
  // The less of it is left, the lower the cosines.
  let [least, most] = [0, 1];
  for (let step = 0; step < steps; step++) {
    const share = (least + most) / 2;
    const { thresholds } = measure(transformed(faces, shiftBy(share)));
    if (thresholds[findfaceThreshold.rate] > wanted) least = share;
    else most = share;
  }
  return shiftBy((least + most) / 2);
}

/** Halvings of the share that is taken away: to a 4096th. */
const steps = 12;

/** Five digits behind the point: a vector's numbers are around 0.05. */
const rounded = (value: number): number => Number(value.toFixed(5));

/**
 * The common part of all vectors: the direction in which they reach equally far, so that taking some of
 * it away lowers their cosines alike. It is the mean times the inverse of the covariance, to which as much
 * again is added along every axis: there are hardly more faces than numbers in a vector. Vectors reach 1
 * along it in the mean.
 */
function commonDirection(faces: readonly KnownFace[]): number[] {
  const size = faces[0]!.vector.length;
  const mean = new Float64Array(size);
  for (const { vector } of faces) for (let i = 0; i < size; i++) mean[i]! += vector[i]! / faces.length;
  const covariance = Array.from({ length: size }, () => new Float64Array(size));
  for (const { vector } of faces)
    for (let i = 0; i < size; i++) {
      const row = covariance[i]!;
      const factor = (vector[i]! - mean[i]!) / faces.length;
      for (let j = 0; j < size; j++) row[j]! += factor * (vector[j]! - mean[j]!);
    }
  const variance = covariance.reduce((sum, row, i) => sum + row[i]!, 0) / size;
  for (const [i, row] of covariance.entries()) row[i]! += variance;
  const direction = solve(covariance, mean);
  const reach = direction.reduce((sum, value, i) => sum + value * mean[i]!, 0);
  return Array.from(direction, (value) => value / reach);
}

/** x of A·x = b, for a symmetric and positive definite A, which is overwritten. Gauss needs no pivots there. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = right.slice();
  const size = x.length;
  for (let pivot = 0; pivot < size; pivot++) {
    const from = matrix[pivot]!;
    for (let row = pivot + 1; row < size; row++) {
      const to = matrix[row]!;
      const factor = to[pivot]! / from[pivot]!;
      for (let column = pivot; column < size; column++) to[column]! -= factor * from[column]!;
      x[row]! -= factor * x[pivot]!;
    }
  }
  for (let row = size - 1; row >= 0; row--) {
    const of = matrix[row]!;
    for (let column = row + 1; column < size; column++) x[row]! -= of[column]! * x[column]!;
    x[row]! /= of[row]!;
  }
  return x;
}

function transformed(faces: readonly KnownFace[], transform: FacenTransform): KnownFace[] {
  return faces.map(({ person, vector }) => ({ person, vector: transformFacen(vector, transform) }));
}
