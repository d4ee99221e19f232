import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, type Outputs, outputOf, runOnChips, runOnMirroredChips } from './crop.ts';

/**
 * Raised by whatever changes the vectors that networks give so far that those of before cannot be
 * compared with them any more: another alignment, another mean, another scale.
 */
export const facenVersion = 4;

/** A network that turns a face into a vector. */
export interface EmbeddingNetwork {
  readonly network: Network;
  readonly input: FaceInput;
  /** Numbers in its vector. */
  readonly dimensions: number;
  /** The length of its vector among those of other networks. */
  readonly weight: number;
  /** True: the network looks at the mirror image too, and its vector is the mean of the two. */
  readonly mirrored: boolean;
}

/**
 * One L2-normalised embedding per chip: the vectors of all networks one after the other. That of
 * a network that is `mirrored` is the mean of the chip's and of its mirror image's (figures on the
 * models' cards).
 *
 * @throws TypeError where a network has no output of its length.
 */
export async function embed(
  networks: readonly EmbeddingNetwork[],
  chips: readonly Raster[],
): Promise<Float32Array[]> {
  const parts: Float32Array[][] = [];
  for (const each of networks) parts.push(await directions(each, chips));
  return chips.map((_, face) =>
    joined(networks.map(({ weight }, part) => ({ weight, vector: parts[part]![face]! }))),
  );
}

/** The unit vectors that one network gives. */
function directions(
  { network, input, dimensions, mirrored }: EmbeddingNetwork,
  chips: readonly Raster[],
): Promise<Float32Array[]> {
  const vector = (outputs: Outputs) => outputOf(outputs, 'embedding', dimensions);
  if (!mirrored) return runOnChips(network, input, chips, (outputs) => unitVector(vector(outputs)));
  return runOnMirroredChips(network, input, chips, (plain, mirrored) =>
    meanDirection(vector(plain), vector(mirrored)),
  );
}

/** The unit vector along vectors that follow each other, each times its weight. */
function joined(parts: readonly { readonly weight: number; readonly vector: Float32Array }[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { vector }) => sum + vector.length, 0));
  let offset = 0;
  for (const { weight, vector } of parts) {
    for (const value of vector) whole[offset++] = weight * value;
  }
  return unitVector(whole);
}

/** The unit vector along the sum of two vectors' directions. */
function meanDirection(first: Float32Array, second: Float32Array): Float32Array {
  const sum = Float32Array.from(unitVector(first));
  const other = unitVector(second);
  for (let index = 0; index < sum.length; index++) sum[index]! += other[index]!;
  return unitVector(sum);
}

/** The unit vector along a vector; zeros stay zeros. */
export function unitVector(vector: Float32Array): Float32Array {
  // Unlike Math.hypot, a sum and a root are the same bits on every engine.
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (!(length > 0)) return vector;
  const unit = new Float32Array(vector.length);
  for (let index = 0; index < unit.length; index++) unit[index] = vector[index]! / length;
  return unit;
}
