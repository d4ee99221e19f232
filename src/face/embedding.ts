import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, runOnMirroredChips } from './crop.ts';

/** dlib's chip (padding 0.25 around the mean shape) in terms of its eyes. */
const input: FaceInput = {
  name: 'image',
  size: 150,
  placement: { eyeHalfDistance: 0.1764, eyeHeight: 0.3107 },
};

/**
 * One L2-normalised embedding per chip: the mean of those of the chip and of its mirror image,
 * which verifies better than either alone (figures on the model's card).
 */
export function embed(network: Network, chips: readonly Raster[]): Promise<Float32Array[]> {
  return runOnMirroredChips(network, input, chips, (plain, mirrored) =>
    meanDirection(plain.embedding as Float32Array, mirrored.embedding as Float32Array),
  );
}

/** The unit vector along the sum of two vectors' directions. */
function meanDirection(first: Float32Array, second: Float32Array): Float32Array {
  const a = normalize(first);
  const b = normalize(second);
  return normalize(a.map((value, index) => value + (b[index] as number)));
}

/** The unit vector along a vector; zeros stay zeros. */
function normalize(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}
