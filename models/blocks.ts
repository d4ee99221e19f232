import type { Pads } from './graph-builder.ts';
import type { WeightTensor } from './weights.ts';

/** One zero on every side: a 3×3 window keeps the plane's size. */
export const sameSize: Pads = [1, 1, 1, 1];

/**
 * TensorFlow's `SAME` for a 3×3 window at stride 2 over a plane of even size: it pads behind only.
 */
export const halvesEven: Pads = [0, 0, 1, 1];

/** Filters times a factor: for a scale on their input (one factor) or on each output channel. */
export function scaled({ shape, data }: WeightTensor, factor: number | Float32Array): WeightTensor {
  if (typeof factor === 'number') return { shape, data: data.map((value) => value * factor) };
  const perChannel = data.length / factor.length;
  return {
    shape,
    data: data.map((value, index) => value * (factor[Math.floor(index / perChannel)] as number)),
  };
}
