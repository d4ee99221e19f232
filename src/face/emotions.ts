import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, runOnMirroredChips } from './crop.ts';
import type { Emotion, EmotionLabel } from './face.ts';

/** The middle of the range of crops that measured best on FER2013's faces. */
const input: FaceInput = { name: 'image', size: 112, placement: { eyeHalfDistance: 0.19, eyeHeight: 0.36 } };

/** The order of the network's outputs. */
const outputLabels: readonly EmotionLabel[] = [
  'neutral',
  'happy',
  'sad',
  'angry',
  'fear',
  'disgust',
  'surprise',
];

/**
 * The emotions of the faces in these chips, most probable first: the means over each chip and its
 * mirror image.
 */
export function recognizeEmotions(network: Network, chips: readonly Raster[]): Promise<Emotion[][]> {
  return runOnMirroredChips(network, input, chips, (plain, mirrored) => {
    const seen = softmax(plain.logits as Float32Array);
    const reflected = softmax(mirrored.logits as Float32Array);
    return outputLabels
      .map((label, index) => ({
        label,
        probability: ((seen[index] as number) + (reflected[index] as number)) / 2,
      }))
      .sort((first, second) => second.probability - first.probability);
  });
}

/** Probabilities from logits. */
function softmax(logits: Float32Array): Float32Array {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
