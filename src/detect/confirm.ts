import { type Box, longerSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { type Closeness, lookClosely } from './close-look.ts';
import { createScout, type DetectorSettings, outlineOf } from './create-detector.ts';
import type { Detection, Detector } from './detector.ts';
import type { DetectorNetwork } from './look.ts';
import { suppress, withoutParts } from './nms.ts';

/** How what the scout finds is looked at again. */
export const closeLooks = {
  /** A BlazeFace once more: in the middle of the sizes at which it is reliable. */
  scout: { faceSize: 48, inputSide: 96 },
  /** Instead of that one where the find fills the region: see {@link filling}. */
  scoutFilling: { faceSize: 80, inputSide: 160 },
  /** An SSD MobileNet: at the size of its smallest prior, at which it is surest of faces. */
  judge: { faceSize: 51.2, inputSide: 112 },
  /** And again, where the networks disagree: at twice the size, with little around the face. */
  judgeAgain: { faceSize: 102.4, inputSide: 144 },
} as const satisfies Readonly<Record<string, Closeness>>;

/**
 * Share of the region's shorter side from which on a find fills it. Looking again in few pixels weeds
 * out what is no face, of which a picture has many small ones but hardly any of that size; a face
 * without its surroundings is told better in more.
 */
const filling = 0.4;

/** A network that gives less says no. */
const evenOdds = 0.5;

/** Least confidence of what is called a face, unless another is set: see the model card. */
const usualConfidence = 0.33;

/** Least confidence of the scout at each of its looks, as a share of that of a face. */
const candidateShare = 0.6;

/** Least confidence of a find of the judge that is heard. */
const leastJudgement = 0.02;

/** What the scout gave twice; the confidence is the mean. */
interface Candidate extends Detection {
  /** Of both probabilities. */
  readonly product: number;
}

/**
 * A detector of two networks that err on different things. The scout finds candidates cheaply, down
 * to small ones, and looks at each again closely, which most of what is no face does not survive.
 * The judge looks closely at those that are left. The confidence is a geometric mean of the three
 * probabilities, so that one that is almost sure of the contrary decides, and most of all the judge; the
 * box is that of the judge where it sees one.
 */
export function createConfirmedDetector(
  scout: DetectorNetwork,
  judge: DetectorNetwork,
  { minConfidence = usualConfidence, faces }: DetectorSettings,
): Detector {
  const leastCandidate = minConfidence * candidateShare;
  const candidates = createScout(scout, { minConfidence: leastCandidate, faces });
  return {
    plan: (region) => candidates.plan(region),
    async detect(picture, region) {
      const likely: Candidate[] = [];
      for (const { box, confidence: afar } of await candidates.detect(picture, region)) {
        const closeness = fills(box, region) ? closeLooks.scoutFilling : closeLooks.scout;
        const close = await lookClosely(scout, closeness, picture, region, box, leastCandidate);
        if (!close) continue;
        const confidence = (afar + close.confidence) / 2;
        likely.push({ ...close, confidence, product: afar * close.confidence });
      }
      const found: Detection[] = [];
      for (const candidate of suppress(likely)) {
        const judgement = await judgementOn(candidate, judge, picture, region);
        const confidence = confidenceOf(candidate, judgement?.confidence ?? leastJudgement);
        const box = judgement?.box ?? outlineOf(scout.family, candidate.box);
        const { sixPoints } = candidate;
        if (confidence >= minConfidence) found.push({ box, confidence, ...(sixPoints && { sixPoints }) });
      }
      return withoutParts(suppress(found));
    },
  };
}

function fills(box: Box, region: Box): boolean {
  const shorter = Math.min(region.right - region.left, region.bottom - region.top);
  return longerSide(box) >= filling * shorter;
}

/** The judge's probability weighs as much as one and a quarter of the scout's. */
const judgesWeight = 1.25;

function confidenceOf({ product }: Candidate, judgement: number): number {
  return (product * judgement ** judgesWeight) ** (1 / (2 + judgesWeight));
}

/** What the judge sees where a candidate is, if anything. */
async function judgementOn(
  { box, confidence }: Detection,
  judge: DetectorNetwork,
  picture: Picture,
  region: Box,
): Promise<Detection | undefined> {
  const first = await lookClosely(judge, closeLooks.judge, picture, region, box, leastJudgement);
  const agreed = confidence < evenOdds || (first?.confidence ?? 0) >= evenOdds;
  if (agreed) return first;
  const second = await lookClosely(
    judge,
    closeLooks.judgeAgain,
    picture,
    region,
    box,
    first?.confidence ?? leastJudgement,
  );
  return second ?? first;
}
