import { type CompactTensor, compactTensor } from '../../../src/nn/compact.ts';
import type { WeightTensor } from '../weights.ts';

/** The code of 0: codes lie alike on both sides of it. */
const zeroPoint = 128;

/**
 * Filters in 8 bits, with a scale for each output channel (the first dimension): the channel's largest
 * weight is code 1 or 255. One scale for all would not do where normalisation was folded into the
 * weights, whose sizes then differ widely between channels.
 */
export function inEightBits({ shape, data }: WeightTensor): CompactTensor {
  const channels = shape[0]!;
  const length = data.length / channels;
  const scales = new Float32Array(channels);
  const codes = new Uint8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const weights = data.subarray(channel * length, (channel + 1) * length);
    const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    const scale = largest / (zeroPoint - 1) || 1;
    scales[channel] = scale;
    weights.forEach((weight, index) => {
      codes[channel * length + index] = zeroPoint + Math.round(weight / scale);
    });
  }
  return compactTensor(shape, { codes, zeroPoint, scales });
}
