import { iou } from '../image/geometry.ts';
import type { Detection } from './detector.ts';

/** IoU above which two boxes are taken for one face. */
const sameFace = 0.4;

/**
 * Greedy non-maximum suppression.
 *
 * @param detections in any order; the array is sorted in place
 * @returns the survivors, most confident first
 */
export function suppress<Found extends Detection>(detections: Found[]): Found[] {
  detections.sort((first, second) => second.confidence - first.confidence);
  const kept: Found[] = [];
  for (const candidate of detections) {
    if (kept.every((better) => iou(better.box, candidate.box) <= sameFace)) kept.push(candidate);
  }
  return kept;
}
