import { unitVector } from './embedding.ts';

/**
 * A map of unit vectors to unit vectors that moves all their cosines alike, and keeps their order (of a
 * shift: nearly). It brings what a network calls alike to a scale on which thresholds are known.
 */
export type FacenTransform =
  /** Is added, and the sum is normalised again: less of what vectors have in common pulls cosines apart. */
  | { readonly shift: readonly number[] }
  /** A cosine c becomes (1 - constant)·c + constant, by one more number in the vector. 0 to 1. */
  | { readonly constant: number };

/** The vector, of length 1 as before. @throws RangeError where the shift is one of other vectors. */
export function transformFacen(vector: Float32Array, transform: FacenTransform): Float32Array {
  if ('shift' in transform) {
    const { shift } = transform;
    if (shift.length !== vector.length)
      throw new RangeError(`expected a shift of ${vector.length} numbers, found ${shift.length}`);
    const shifted = new Float32Array(vector.length);
    for (let index = 0; index < shifted.length; index++) shifted[index] = vector[index]! + shift[index]!;
    return unitVector(shifted);
  }
  const { constant } = transform;
  const longer = new Float32Array(vector.length + 1);
  longer.set(vector.map((value) => value * Math.sqrt(1 - constant)));
  longer[vector.length] = Math.sqrt(constant);
  return longer;
}

/** The cosine of two vectors of length 1. @throws RangeError where their lengths differ. */
export function cosine(first: Float32Array, second: Float32Array): number {
  if (first.length !== second.length)
    throw new RangeError(`vectors of ${first.length} and of ${second.length} numbers cannot be compared`);
  let sum = 0;
  for (let index = 0; index < first.length; index++) sum += first[index]! * second[index]!;
  return sum;
}
