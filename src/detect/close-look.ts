import { type Box, boxAround, iou, longerSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import type { Detection } from './detector.ts';
import { type DetectorNetwork, type Look, lookAt } from './look.ts';
import type { Sightings } from './sightings.ts';

/** The scale of a network's close look at what may be a face; sizes in input pixels. */
export interface Closeness {
  /** Longer side of the box. */
  readonly faceSize: number;
  /** Side of the square that is seen around it. */
  readonly inputSide: number;
}

/** Least IoU of a detection with the box that is looked at. */
const leastIoU = 0.3;

/**
 * A network's surest detection at each box, if any, in a small square cut around it.
 *
 * @param region the part of the picture that may be seen
 */
export async function lookClosely(
  model: DetectorNetwork,
  closeness: Closeness,
  picture: Picture,
  region: Box,
  boxes: readonly Box[],
  minConfidence: number,
): Promise<(Detection | undefined)[]> {
  const looks = boxes.map((box) => lookAround(box, closeness));
  const seen = await lookAt(model, picture, region, looks, minConfidence);
  return boxes.map((box, index) => surestAt(box, seen[index]!));
}

function surestAt(box: Box, seen: Sightings): Detection | undefined {
  let best: number | undefined;
  let most = 0;
  for (let index = 0; index < seen.count; index++) {
    const confidence = seen.confidences[index]!;
    if (confidence > most && iou(seen.boxAt(index), box) >= leastIoU) {
      best = index;
      most = confidence;
    }
  }
  return best === undefined ? undefined : seen.at(best);
}

function lookAround(box: Box, { faceSize, inputSide }: Closeness): Look {
  const { left, top, right, bottom } = box;
  const scale = faceSize / longerSide(box);
  return {
    source: boxAround((left + right) / 2, (top + bottom) / 2, inputSide / scale),
    scale,
    width: inputSide,
    height: inputSide,
  };
}
