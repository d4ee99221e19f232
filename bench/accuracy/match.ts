import { type Box, iou } from '../../src/image/geometry.ts';
import type { ScoredDetection } from './metrics.ts';

export interface BoxWithConfidence {
  readonly box: Box;
  readonly confidence: number;
}

/**
 * Says of each detection in one picture whether it meets a labelled face: the most confident
 * detection takes the free face that it overlaps most; a face found twice counts once.
 *
 * @param overlap least IoU of a match
 */
export function matchDetections(
  detections: readonly BoxWithConfidence[],
  faces: readonly Box[],
  overlap: number,
): ScoredDetection[] {
  const free = new Set(faces);
  return [...detections]
    .sort((first, second) => second.confidence - first.confidence)
    .map(({ box, confidence }) => {
      const best = [...free]
        .map((face) => ({ face, overlap: iou(box, face) }))
        .sort((first, second) => second.overlap - first.overlap)[0];
      const correct = best !== undefined && best.overlap >= overlap;
      if (correct) free.delete(best.face);
      return { confidence, correct };
    });
}
