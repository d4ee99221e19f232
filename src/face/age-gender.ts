import type { Raster } from '../image/raster.ts';
import { runBatched } from '../nn/batch.ts';
import type { Network } from '../nn/network.ts';
import { cropInto, type FaceInput } from './crop.ts';
import type { Gender } from './face.ts';

/** The crop that measured best for this network (figures on the model's card). */
const input: FaceInput = { name: 'image', size: 112, placement: { eyeHalfDistance: 0.19, eyeHeight: 0.38 } };

export interface AgeAndGender {
  /** Years. */
  readonly age: number;
  readonly gender: Gender;
}

/** Age and gender of the faces in these chips. */
export function estimateAgeAndGender(network: Network, chips: readonly Raster[]): Promise<AgeAndGender[]> {
  return runBatched(
    network,
    input,
    chips,
    (chip, data, offset) => cropInto(chip, input, data, offset),
    (outputs) => {
      const [male, female] = outputs.gender as unknown as [number, number];
      const score = male - female;
      return {
        age: Math.max(0, (outputs.age as Float32Array)[0] as number),
        gender: { label: score >= 0 ? 'male' : 'female', score },
      };
    },
  );
}
