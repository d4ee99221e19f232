import type { Raster } from '../image/raster.ts';
import { runBatched } from '../nn/batch.ts';
import type { Network } from '../nn/network.ts';
import { cropInto, type FaceInput, mirror } from './crop.ts';

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
export async function embed(network: Network, chips: readonly Raster[]): Promise<Float32Array[]> {
  const views = chips.flatMap((chip) => [
    { chip, mirrored: false },
    { chip, mirrored: true },
  ]);
  const rows = await runBatched(
    network,
    input,
    views,
    ({ chip, mirrored }, data, offset) => {
      cropInto(chip, input, data, offset);
      if (mirrored) mirror(data, offset, input.size);
    },
    (outputs) => outputs.embedding as Float32Array,
  );
  return chips.map((_, index) =>
    meanDirection(rows[2 * index] as Float32Array, rows[2 * index + 1] as Float32Array),
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
