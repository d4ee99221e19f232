import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, type Outputs, outputOf, runOnMirroredChips } from './crop.ts';

/**
 * One L2-normalised embedding per chip: the mean of those of the chip and of its mirror image,
 * which verifies better than either alone (figures on the model's card).
 *
 * @param dimensions numbers in an embedding
 * @throws TypeError where the network has no output of that length.
 */
export function embed(
  network: Network,
  input: FaceInput,
  dimensions: number,
  chips: readonly Raster[],
): Promise<Float32Array[]> {
  const vector = (outputs: Outputs) => outputOf(outputs, 'embedding', dimensions);
  return runOnMirroredChips(network, input, chips, (plain, mirrored) =>
    meanDirection(vector(plain), vector(mirrored)),
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
