import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, runOnMirroredChips } from './crop.ts';
import type { Gender } from './face.ts';

/** The middle of the range of crops that measured best (figures on the model's card). */
const input: FaceInput = { name: 'image', size: 112, placement: { eyeHalfDistance: 0.185, eyeHeight: 0.33 } };

export interface AgeAndGender {
  /** Years, at least 0. */
  readonly age: number;
  readonly gender: Gender;
}

/** Age and gender of the faces in these chips: the means over each chip and its mirror image. */
export function estimateAgeAndGender(network: Network, chips: readonly Raster[]): Promise<AgeAndGender[]> {
  return runOnMirroredChips(network, input, chips, (plain, mirrored) => {
    const mean = (output: string, index: number) =>
      ((plain[output]?.[index] as number) + (mirrored[output]?.[index] as number)) / 2;
    // The logits of male and female: their difference is the logarithm of the probabilities' ratio.
    const score = mean('gender', 0) - mean('gender', 1);
    return {
      age: Math.max(0, mean('age', 0)),
      gender: { label: score >= 0 ? 'male' : 'female', score },
    };
  });
}
