import { type Box, longerSide, shorterSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { type Closeness, lookClosely } from './close-look.ts';
import type { DetectorSettings } from './create-detector.ts';
import type { Detection, Detector } from './detector.ts';
import { type DetectorNetwork, forSmallest } from './look.ts';
import { suppress, withoutParts } from './nms.ts';
import { outlineOf } from './outline.ts';
import type { Lineup } from './plan-looks.ts';
import { createScan } from './scan.ts';

/** Close looks at the scout's candidates. */
export const closeLooks = {
  /** A BlazeFace once more: in the middle of the sizes at which it is reliable. */
  scout: { faceSize: 48, inputSide: 96 },
  /** Instead of that one where the candidate fills the region: see {@link filling}. */
  scoutFilling: { faceSize: 80, inputSide: 160 },
  /**
   * An SSD MobileNet: at the size of its smallest prior, at which it is surest of faces. Priors of coarser maps are
   * at least 3.5 times as large: none of them gave the surest box of 1,148 candidates, so they are left out.
   */
  judge: { faceSize: 51.2, inputSide: 112 },
  /** And again, where the networks disagree: at twice the size, with little around the face. */
  judgeAgain: { faceSize: 102.4, inputSide: 144 },
} as const satisfies Readonly<Record<string, Closeness>>;

/**
 * Share of the region's shorter side from which on a candidate fills it. A close look in few pixels rejects
 * false candidates, of which a picture has many small ones but hardly any of that size; a face without
 * its surroundings is told better in more pixels.
 */
const filling = 0.4;

/** A network that gives less says no. */
const evenOdds = 0.5;

/** Least confidence of what is called a face, unless another is set: see the model card. */
export const usualConfidence = 0.35;

/** Least confidence of the scout at each of its looks, as a share of that of a face. */
const candidateShare = 0.6;

/**
 * The same of the geometric mean of both looks, beneath which the judge is not asked: of 1,460 faces two lay
 * there, and were not found by its word either.
 */
const judgedShare = 0.64;

/** Least confidence at which a detection of the judge counts. */
const leastJudgement = 0.02;

/** A box with the confidences from afar and of the scout's close look; `confidence` is their mean. */
interface Candidate extends Detection {
  /** Of both probabilities. */
  readonly product: number;
  readonly fills: boolean;
}

/**
 * A detector of networks with different failure modes. The scan, or the scout, proposes candidates cheaply,
 * down to small ones; a close look of the scout removes most false ones; the judge checks the survivors in
 * a close look of its own. The confidence is a weighted geometric mean of the three probabilities: one
 * value near 0 vetoes. The box is the judge's, if it found one.
 */
export function createConfirmedDetector(
  lineup: Lineup<DetectorNetwork> & { readonly judge: DetectorNetwork },
  { minConfidence = usualConfidence, leastShare = 1, faces }: DetectorSettings,
): Detector {
  const { scout, judge } = lineup;
  const judgeOfSmallest = forSmallest(judge);
  const leastCandidate = minConfidence * candidateShare;
  const candidatesIn = createScan(faces, lineup, leastCandidate);
  return {
    async detect(picture, region) {
      const afar = await candidatesIn(picture, region);
      const seen = suppress(await lookedAt(afar, scout, picture, region, leastCandidate));
      const likely = seen.filter(({ product }) => product >= (minConfidence * judgedShare) ** 2);
      const judgements = await judgementsOn(likely, { judge, judgeOfSmallest }, picture, region);
      const found = likely.map((candidate, index): Detection => {
        const { sixPoints } = candidate;
        const judgement = judgements[index];
        return {
          box: judgement?.box ?? outlineOf(scout.family, candidate.box),
          confidence: confidenceOf(candidate, judgement?.confidence ?? leastJudgement),
          ...(sixPoints && { sixPoints }),
        };
      });
      const least = minConfidence * leastShare;
      return withoutParts(suppress(found.filter(({ confidence }) => confidence >= least)));
    },
  };
}

/** The candidates that the scout's close looks confirm. */
async function lookedAt(
  afar: readonly Detection[],
  scout: DetectorNetwork,
  picture: Picture,
  region: Box,
  leastConfidence: number,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const filling of [false, true]) {
    const group = afar.filter(({ box }) => fills(box, region) === filling);
    const closeness = filling ? closeLooks.scoutFilling : closeLooks.scout;
    const boxes = group.map(({ box }) => box);
    const seen = await lookClosely(scout, closeness, picture, region, boxes, leastConfidence);
    for (const [index, close] of seen.entries()) {
      if (!close) continue;
      const { confidence } = group[index]!;
      candidates.push({
        ...close,
        confidence: (confidence + close.confidence) / 2,
        product: confidence * close.confidence,
        fills: filling,
      });
    }
  }
  return candidates;
}

function fills(box: Box, region: Box): boolean {
  return longerSide(box) >= filling * shorterSide(region);
}

/** The weight of the judge's probability beside each of the two others. */
const judgesWeight = 2;

/**
 * The same where the judge knows little: of a candidate that fills the region, since it needs a face's
 * surroundings, and of one so small that the judge sees it enlarged, without details.
 */
const judgesWeightInDoubt = 0.75;

/** Enlargement from which on a candidate counts as small. */
const enlarged = 1.4;

function confidenceOf({ box, product, fills }: Candidate, judgement: number): number {
  const small = longerSide(box) * enlarged < closeLooks.judge.faceSize;
  const weight = fills || small ? judgesWeightInDoubt : judgesWeight;
  return (product * judgement ** weight) ** (1 / (2 + weight));
}

/** The judge's detection at each candidate, if any; where it disagrees, the surer one of two looks. */
async function judgementsOn(
  candidates: readonly Detection[],
  { judge, judgeOfSmallest }: Readonly<Record<'judge' | 'judgeOfSmallest', DetectorNetwork>>,
  picture: Picture,
  region: Box,
): Promise<(Detection | undefined)[]> {
  const look = (network: DetectorNetwork, closeness: Closeness, of: readonly Detection[]) =>
    lookClosely(
      network,
      closeness,
      picture,
      region,
      of.map(({ box }) => box),
      leastJudgement,
    );
  const judgements = await look(judgeOfSmallest, closeLooks.judge, candidates);
  const probability = (judgement: Detection | undefined) => judgement?.confidence ?? leastJudgement;
  const doubted = [...candidates.keys()].filter(
    (index) => candidates[index]!.confidence >= evenOdds && probability(judgements[index]) < evenOdds,
  );
  const second = await look(
    judge,
    closeLooks.judgeAgain,
    doubted.map((index) => candidates[index]!),
  );
  for (const [place, index] of doubted.entries()) {
    const again = second[place];
    if (probability(again) > probability(judgements[index])) judgements[index] = again;
  }
  return judgements;
}
