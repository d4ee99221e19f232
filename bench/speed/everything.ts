import type { AttributeName } from '../../src/face/face.ts';

/** Attributes that the contract's `need_` keys ask for, besides box and confidence. */
export const everything: readonly AttributeName[] = ['embedding', 'gender', 'age', 'emotions', 'chip'];

/** The same in the contract's words. */
export const everythingOnTheWire = {
  need_facen: true,
  need_gender: true,
  need_age: true,
  need_emotions: true,
  need_normalized: true,
} as const;
