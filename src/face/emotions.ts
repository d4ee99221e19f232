import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, runOnChips } from './crop.ts';
import type { Emotion, EmotionLabel } from './face.ts';

const input: FaceInput = { name: 'image', size: 112, placement: { eyeHalfDistance: 0.19, eyeHeight: 0.38 } };

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

/** The emotions of the faces in these chips, most probable first. */
export function recognizeEmotions(network: Network, chips: readonly Raster[]): Promise<Emotion[][]> {
  return runOnChips(network, input, chips, (outputs) =>
    Array.from(softmax(outputs.logits as Float32Array), (probability, index) => ({
      label: outputLabels[index] as EmotionLabel,
      probability,
    })).sort((first, second) => second.probability - first.probability),
  );
}

/** Probabilities from logits. */
function softmax(logits: Float32Array): Float32Array {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
