import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, type Outputs, outputOf, runOnMirroredChips } from './crop.ts';
import type { Emotion, EmotionLabel } from './face.ts';
import { softmax } from './softmax.ts';

/**
 * The emotions of the faces in these chips, most probable first: the means over each chip and its
 * mirror image.
 *
 * @param labels what the network's outputs mean, in their order
 * @throws TypeError where the network has no output for them.
 */
export function recognizeEmotions(
  network: Network,
  input: FaceInput,
  labels: readonly EmotionLabel[],
  chips: readonly Raster[],
): Promise<Emotion[][]> {
  const probabilities = (outputs: Outputs) => softmax(outputOf(outputs, 'logits', labels.length));
  return runOnMirroredChips(network, input, chips, (plain, mirrored) => {
    const seen = probabilities(plain);
    const reflected = probabilities(mirrored);
    return labels
      .map((label, index) => ({
        label,
        probability: ((seen[index] as number) + (reflected[index] as number)) / 2,
      }))
      .sort((first, second) => second.probability - first.probability);
  });
}
