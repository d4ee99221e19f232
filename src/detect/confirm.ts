import { type Box, iou } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { createScout, type DetectorSettings, outlineOf } from './create-detector.ts';
import type { Detection, Detector } from './detector.ts';
import { type DetectorNetwork, look, type View } from './look.ts';
import { suppress } from './nms.ts';

/**
 * The size at which a face is looked at again, in input pixels: that of the smallest prior of an
 * SSD MobileNet, at which it is surest of faces.
 */
const faceSize = 51.2;

/** Side of that look's input. Its middle is the middle of a cell of 16 pixels. */
const inputSide = 144;

/** Least IoU of a find with the candidate that it confirms. */
const sameFace = 0.3;

/** Least confidence of what is called a face, unless another is set: see the model card. */
const usualConfidence = 0.4;

/** Least confidence of a candidate, as a share of that of a face: the networks err on different ones. */
const candidateShare = 0.5;

/** Least confidence of a find that is heard. */
const leastConfidence = 0.02;

/**
 * A detector of two networks: one that finds candidates cheaply, down to small ones, and one that
 * looks at each of them closely. The confidence is the mean of both probabilities, the box that of
 * the second network where it agrees.
 */
export function createConfirmedDetector(
  scout: DetectorNetwork,
  judge: DetectorNetwork,
  { minConfidence = usualConfidence, faces }: DetectorSettings,
): Detector {
  const candidates = createScout(scout, { minConfidence: minConfidence * candidateShare, faces });
  return {
    plan: (region) => candidates.plan(region),
    async detect(picture, region) {
      const found: Detection[] = [];
      for (const candidate of await candidates.detect(picture, region)) {
        const judgement = await judgementOn(candidate, judge, picture, region);
        const confidence = (candidate.confidence + (judgement?.confidence ?? 0)) / 2;
        const box = judgement?.box ?? outlineOf(scout.family, candidate.box);
        if (confidence >= minConfidence) found.push({ ...candidate, box, confidence });
      }
      return suppress(found);
    },
  };
}

/** What the judge sees where a candidate is: its surest find there, if any. */
async function judgementOn(
  candidate: Detection,
  judge: DetectorNetwork,
  picture: Picture,
  region: Box,
): Promise<Detection | undefined> {
  const finds = await look(judge, picture, region, closeView(candidate.box), leastConfidence);
  let best: Detection | undefined;
  for (const find of finds) {
    if (find.confidence > (best?.confidence ?? 0) && iou(find.box, candidate.box) >= sameFace) best = find;
  }
  return best;
}

/** The square around a box in which it has the wanted size. */
function closeView({ left, top, right, bottom }: Box): View {
  const scale = faceSize / Math.max(right - left, bottom - top);
  const half = inputSide / 2 / scale;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return {
    source: { left: x - half, top: y - half, right: x + half, bottom: y + half },
    scale,
    width: inputSide,
    height: inputSide,
  };
}
