import type { Detection, Detector } from '../detect/detector.ts';
import { type Box, longerSide, shorterSide } from '../image/geometry.ts';
import type { ImageNetwork } from '../nn/batch.ts';
import { type SightedDetection, sighted, wideSights } from './align.ts';

/**
 * Least confidence of a detection that the mesh network may make a face of, as a share of the least
 * confidence of a face.
 */
export const leastShare = 0.57;

/**
 * A detector whose detections the mesh network has looked at: it tells animals and things from faces where
 * detectors do not. Its look is the one that alignment needs, which does not take it again; there is
 * a second one where a detection fills the region and the first is not sure of a face.
 *
 * @param detector reports what is at least {@link leastShare} as sure as a face has to be
 * @param minConfidence of what is reported, 0 to 1
 */
export function createVerifiedDetector(
  detector: Detector,
  mesh: () => Promise<ImageNetwork>,
  minConfidence: number,
): Detector {
  return {
    async detect(picture, region) {
      const found = (await detector.detect(picture, region))
        .map((detection) => ({ ...detection, say: sayAbout(detection.box, region) }))
        .filter((find) => confidenceOf(find, mostEvidence) >= minConfidence);
      const network = await mesh();
      const seen = await sighted(network, picture, found);
      const doubted = seen.filter(
        ({ say, sight }) => say === ofFilling && evidenceOf(sight.face) < mostEvidence,
      );
      const again = await wideSights(network, picture, doubted);
      return seen
        .map((find): SightedDetection => {
          const wider = again[doubted.indexOf(find)];
          const looks = wider ? [find.sight, wider] : [find.sight];
          const evidence = looks.reduce((sum, { face }) => sum + evidenceOf(face), 0) / looks.length;
          const { say, ...detection } = find;
          return { ...detection, confidence: confidenceOf(find, evidence) };
        })
        .filter(({ confidence }) => confidence >= minConfidence)
        .sort((first, second) => second.confidence - first.confidence);
    },
  };
}

/** The influence of the mesh network's look on a detection. The network's card says how the constants were chosen. */
interface Say {
  /** Of its evidence, beside the detector's. */
  readonly weight: number;
  /** Is taken off in any case, in logarithms of odds. */
  readonly offset: number;
}

/** About one that fills the region: either network tells it as well, without surroundings. */
const ofFilling: Say = { weight: 1, offset: 0 };
/** About one in its surroundings, which the detector sees: the mesh network errs where a face is turned away. */
const ofOthers: Say = { weight: 0.1, offset: 0.75 };
/** About one of few pixels: what passes for a face is seldom as small. */
const ofSmall: Say = { weight: 0.25, offset: 0.45 };

/** Share of the region's shorter side from which on the box of a detection fills it. */
const filling = 0.55;

/** Longer side of a box below which a detection is small, in pixels. */
const small = 36;

function sayAbout(box: Box, region: Box): Say {
  const side = longerSide(box);
  if (side >= filling * shorterSide(region)) return ofFilling;
  return side < small ? ofSmall : ofOthers;
}

/** The most evidence that one look gives: it is wrong at times, and sure of it. */
const mostEvidence = logit(0.95);

/** The logarithm of the odds for a face. @param face probability that a look gives */
const evidenceOf = (face: number): number => Math.min(Math.max(logit(face), -mostEvidence), mostEvidence);

function confidenceOf({ confidence, say }: Detection & { readonly say: Say }, evidence: number): number {
  return probability(logit(confidence) + say.weight * evidence - say.offset);
}

/** The logarithm of the odds; of what is certain a large one. */
function logit(value: number): number {
  const inside = Math.min(Math.max(value, 1e-6), 1 - 1e-6);
  return Math.log(inside / (1 - inside));
}

const probability = (odds: number): number => 1 / (1 + Math.exp(-odds));
