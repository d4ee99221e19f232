import type { Detection, Detector } from '../detect/detector.ts';
import { longerSide } from '../image/geometry.ts';
import type { ImageNetwork } from '../nn/batch.ts';
import { type Sight, sighted } from './align.ts';

/**
 * A detector whose finds the mesh network has looked at: it knows animals and things from faces where
 * detectors do not. Its look is the one that alignment needs, which does not take it again.
 *
 * @param minConfidence of what is reported, 0 to 1; that of the detector itself
 */
export function createVerifiedDetector(
  detector: Detector,
  mesh: () => Promise<ImageNetwork>,
  minConfidence: number,
): Detector {
  return {
    async detect(picture, region) {
      const found = await detector.detect(picture, region);
      const seen = await sighted(await mesh(), picture, found);
      return seen
        .map((detection) => ({ ...detection, confidence: confidenceOf(detection) }))
        .filter(({ confidence }) => confidence >= minConfidence)
        .sort((first, second) => second.confidence - first.confidence);
    },
  };
}

/**
 * Weight of the mesh network's logit beside the detector's, and where it is cut off: on faces that are
 * small, turned away or covered it is wrong, and sure of it.
 */
const meshWeight = 0.25;
const mostEvidence = logit(0.95);

/**
 * By how much the logit falls as a face gets larger by e, and the size in pixels at which it does not:
 * what is no face is found large as a rule.
 */
const sizeWeight = 0.2;
const neutralSide = 53;

/** Taken off, so that a find of which the mesh network knows nothing has to be surer. */
const offset = 0.4;

/** How the constants were chosen is on the mesh network's card. */
function confidenceOf({ box, confidence, sight }: Detection & { readonly sight: Sight }): number {
  const evidence = Math.min(Math.max(logit(sight.face), -mostEvidence), mostEvidence);
  const size = Math.log(Math.max(1, longerSide(box)) / neutralSide);
  return probability(logit(confidence) + meshWeight * evidence - sizeWeight * size - offset);
}

/** The logarithm of the odds; of what is certain a large one. */
function logit(value: number): number {
  const inside = Math.min(Math.max(value, 1e-6), 1 - 1e-6);
  return Math.log(inside / (1 - inside));
}

const probability = (odds: number): number => 1 / (1 + Math.exp(-odds));
