import type { Raster } from '../image/raster.ts';
import type { Network } from '../nn/network.ts';
import { type FaceInput, runOnMirroredChips } from './crop.ts';
import { type Emotion, type EmotionLabel, emotionLabels } from './face.ts';

/** A network that tells emotions, and its part in the answer. */
interface Member {
  readonly input: FaceInput;
  /** The order of its outputs. */
  readonly labels: readonly EmotionLabel[];
  /** Of both members these sum to 1. */
  readonly weight: number;
}

/** face_expression; the crop is the middle of the range that measured best on FER2013's faces. */
const first: Member = {
  input: { name: 'image', size: 112, placement: { eyeHalfDistance: 0.19, eyeHeight: 0.36 } },
  labels: ['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust', 'surprise'],
  weight: 0.6,
};

/** The Xception of human: weaker alone, but it errs on other faces. */
const second: Member = {
  input: { name: 'image', size: 64, placement: { eyeHalfDistance: 0.18, eyeHeight: 0.32 } },
  labels: ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'],
  weight: 0.4,
};

/** The networks that together tell emotions, see models/face-expression and models/emotion. */
export interface EmotionNetworks {
  readonly first: Network;
  readonly second: Network;
}

/**
 * The emotions of the faces in these chips, most probable first: the weighted mean of two
 * networks' probabilities, each over the chip and its mirror image (figures on the cards).
 */
export async function recognizeEmotions(
  networks: EmotionNetworks,
  chips: readonly Raster[],
): Promise<Emotion[][]> {
  const firsts = await probabilities(networks.first, first, chips);
  const seconds = await probabilities(networks.second, second, chips);
  return chips.map((_, index) =>
    emotionLabels
      .map((label) => ({
        label,
        probability:
          first.weight * (firsts[index]?.get(label) as number) +
          second.weight * (seconds[index]?.get(label) as number),
      }))
      .sort((one, other) => other.probability - one.probability),
  );
}

/** One network's probabilities for each chip: the mean over it and its mirror image. */
function probabilities(
  network: Network,
  { input, labels }: Member,
  chips: readonly Raster[],
): Promise<Map<EmotionLabel, number>[]> {
  return runOnMirroredChips(network, input, chips, (plain, mirrored) => {
    const seen = softmax(plain.logits as Float32Array);
    const reflected = softmax(mirrored.logits as Float32Array);
    return new Map(
      labels.map((label, index) => [label, ((seen[index] as number) + (reflected[index] as number)) / 2]),
    );
  });
}

/** Probabilities from logits. */
function softmax(logits: Float32Array): Float32Array {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
