import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, type Outputs, outputOf, runOnMirroredChips } from './crop.ts';
import { type Emotion, type EmotionLabel, emotionLabels } from './face.ts';
import { softmax } from './softmax.ts';

/** A network that tells emotions apart. */
export interface EmotionNetwork {
  readonly network: Network;
  readonly input: FaceInput;
  /** The meanings of its outputs, in their order. */
  readonly labels: readonly EmotionLabel[];
}

/**
 * The emotions of the faces in these chips, most probable first: the means over the networks, and
 * over each chip and its mirror image.
 *
 * @throws TypeError where a network has no output for its labels.
 */
export async function recogniseEmotions(
  networks: readonly EmotionNetwork[],
  chips: readonly Raster[],
): Promise<Emotion[][]> {
  const sums = chips.map(() => new Map<EmotionLabel, number>());
  for (const each of networks) {
    for (const [face, probabilities] of (await probabilitiesBy(each, chips)).entries()) {
      const sum = sums[face]!;
      for (const [index, label] of each.labels.entries())
        sum.set(label, (sum.get(label) ?? 0) + probabilities[index]!);
    }
  }
  return sums.map((sum) =>
    emotionLabels
      .map((label) => ({ label, probability: sum.get(label)! / networks.length }))
      .sort((first, second) => second.probability - first.probability),
  );
}

/** One network's probabilities for each chip, in the order of its labels. */
function probabilitiesBy(
  { network, input, labels }: EmotionNetwork,
  chips: readonly Raster[],
): Promise<Float32Array[]> {
  const read = (outputs: Outputs) => softmax(outputOf(outputs, 'logits', labels.length));
  return runOnMirroredChips(network, input, chips, (plain, mirrored) => {
    const reflected = read(mirrored);
    return read(plain).map((probability, index) => (probability + reflected[index]!) / 2);
  });
}
