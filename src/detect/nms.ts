import { area, type Box, intersect, iou } from '../image/geometry.ts';
import type { Detection } from './detector.ts';

/** Of two boxes that share more than this IoU only the surer one is kept: they are one face. */
const mostIoU = 0.4;

/** Pixels across a column of {@link Crowd}: about a small face. */
const columnWidth = 64;

/** Boxes that others are compared with. There may be thousands of both: they stand in columns, by their middles. */
class Crowd {
  readonly #columns = new Map<number, Box[]>();

  add(box: Box): void {
    const column = Math.floor(middleOf(box) / columnWidth);
    const others = this.#columns.get(column);
    if (others) others.push(box);
    else this.#columns.set(column, [box]);
  }

  /** True where so many of them are one face with a box. */
  shows(box: Box, count: number): boolean {
    // Boxes that share so much have their middles nearer to each other than one is wide.
    const reach = box.right - box.left;
    const last = Math.floor((middleOf(box) + reach) / columnWidth);
    let missing = count;
    for (let column = Math.floor((middleOf(box) - reach) / columnWidth); column <= last; column++) {
      const others = this.#columns.get(column);
      if (!others) continue;
      for (const other of others) if (iou(other, box) > mostIoU && --missing <= 0) return true;
    }
    return false;
  }
}

const middleOf = ({ left, right }: Box): number => (left + right) / 2;

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
  const better = new Crowd();
  for (const candidate of detections) {
    if (kept.length >= most) break;
    if (better.shows(candidate.box, 1)) continue;
    better.add(candidate.box);
    kept.push(candidate);
  }
  return kept;
}

/** Those of some detections at whose boxes so many of all lie. */
export function seenOften(
  some: readonly Detection[],
  detections: readonly Detection[],
  leastOf: (detection: Detection) => number,
): Detection[] {
  const crowd = new Crowd();
  for (const { box } of detections) crowd.add(box);
  return some.filter((detection) => crowd.shows(detection.box, leastOf(detection)));
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
