import { iou } from '../image/geometry.ts';
import type { Detection } from './detector.ts';

/**
 * Greedy non-maximum suppression.
 *
 * @param detections in any order; the array is sorted in place
 * @param overlap IoU above which the less confident of two detections is dropped, 0 to 1
 * @returns the survivors, most confident first
 */
export function suppress(detections: Detection[], overlap: number): Detection[] {
  detections.sort((first, second) => second.confidence - first.confidence);
  const kept: Detection[] = [];
  for (const candidate of detections) {
    if (kept.every((better) => iou(better.box, candidate.box) <= overlap)) kept.push(candidate);
  }
  return kept;
}
