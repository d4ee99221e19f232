import { compactTensor } from '../../src/nn/compact.ts';
import type { Pads } from './graph-builder.ts';
import type { WeightTensor } from './weights.ts';

/** One zero on every side: a 3×3 window keeps the plane's size. */
export const sameSize: Pads = [1, 1, 1, 1];

/**
 * TensorFlow's `SAME` for a 3×3 window at stride 2 over a plane of even size: it pads behind only.
 */
export const halvesEven: Pads = [0, 0, 1, 1];

/** Filters times a factor: for a scale on their input (one factor) or on each output channel. */
export function scaled(tensor: WeightTensor, factor: number | Float32Array): WeightTensor {
  const { shape, compact } = tensor;
  if (compact && 'codes' in compact) {
    const [first = 1, ...others] = compact.scales;
    const scales =
      typeof factor === 'number' || others.length > 0
        ? compact.scales.map((scale, channel) => scale * factorOf(factor, channel))
        : factor.map((each) => each * first);
    return compactTensor(shape, { ...compact, scales });
  }
  const { data } = tensor;
  const perChannel = data.length / shape[0]!;
  return {
    shape,
    data: data.map((value, index) => value * factorOf(factor, Math.floor(index / perChannel))),
  };
}

const factorOf = (factor: number | Float32Array, channel: number): number =>
  typeof factor === 'number' ? factor : factor[channel]!;
