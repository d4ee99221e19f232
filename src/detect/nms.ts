import { area, intersect, iou } from '../image/geometry.ts';
import type { Detection } from './detector.ts';

/** Of two boxes that share more than this IoU only the surer one is kept: they are one face. */
export const mostIoU = 0.4;

/**
 * Greedy non-maximum suppression.
 *
 * @param detections in any order; the array is sorted in place
 * @param most survivors that are wanted: comparing thousands of detections with each other takes long
 * @returns the survivors, most confident first
 */
export function suppress<Found extends Detection>(
  detections: Found[],
  most = Number.POSITIVE_INFINITY,
): Found[] {
  detections.sort((first, second) => second.confidence - first.confidence);
  const kept: Found[] = [];
  for (const candidate of detections) {
    if (kept.length >= most) break;
    if (kept.every((better) => iou(better.box, candidate.box) <= mostIoU)) kept.push(candidate);
  }
  return kept;
}

/** Share of a box inside another one from which it is taken for a part of the same face. */
const wholly = 0.9;

/** Least confidence of a face that has parts: what is hardly a face swallows no other. */
const certain = 0.5;

/**
 * Without detections that lie in a surer one: eyes and nose of a large face look like a face themselves.
 *
 * @param detections the most confident first
 */
export function withoutParts(detections: readonly Detection[]): Detection[] {
  return detections.filter(({ box }, index) =>
    detections
      .slice(0, index)
      .every((surer) => surer.confidence < certain || area(intersect(surer.box, box)) < wholly * area(box)),
  );
}
