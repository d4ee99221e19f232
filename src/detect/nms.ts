import { area, type Box, intersect, iou } from '../image/geometry.ts';
import type { Detection } from './detector.ts';

/** Of two boxes that share more than this IoU only the surer one is kept: they are one face. */
const mostIoU = 0.4;

/** Side of a square of {@link Crowd} in pixels, about a small face, and squares to where it begins anew. */
const squareSide = 64;
const squares = 64;

/** Boxes that others are compared with. There may be tens of thousands: they stand in squares, by their middles. */
class Crowd {
  /** Left, top, right and bottom edge of each. */
  readonly #edges: Float64Array;
  /** Index of the one that came last to each square, and of the one that came there before each; -1: none. */
  readonly #last = new Int32Array(squares ** 2).fill(-1);
  readonly #before: Int32Array;
  #count = 0;

  constructor(most: number) {
    this.#edges = new Float64Array(4 * most);
    this.#before = new Int32Array(most);
  }

  add({ left, top, right, bottom }: Box): void {
    const index = this.#count++;
    const square = squareAt(squaresTo((left + right) / 2), squaresTo((top + bottom) / 2));
    this.#before[index] = this.#last[square]!;
    this.#last[square] = index;
    this.#edges[4 * index] = left;
    this.#edges[4 * index + 1] = top;
    this.#edges[4 * index + 2] = right;
    this.#edges[4 * index + 3] = bottom;
  }

  /** True where so many of them are one face with a box. */
  shows(box: Box, count: number): boolean {
    const { left, top, right, bottom } = box;
    const edges = this.#edges;
    // Boxes that share so much have their middles nearer to each other than one is wide or high.
    const [width, height] = [right - left, bottom - top];
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const [firstColumn, firstRow] = [squaresTo(x - width), squaresTo(y - height)];
    const columns = Math.min(squares, squaresTo(x + width) - firstColumn + 1);
    const rows = Math.min(squares, squaresTo(y + height) - firstRow + 1);
    let missing = count;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const square = squareAt(firstColumn + column, firstRow + row);
        for (let index = this.#last[square]!; index >= 0; index = this.#before[index]!) {
          const other = {
            left: edges[4 * index]!,
            top: edges[4 * index + 1]!,
            right: edges[4 * index + 2]!,
            bottom: edges[4 * index + 3]!,
          };
          if (iou(other, box) > mostIoU && --missing <= 0) return true;
        }
      }
    }
    return false;
  }
}

const squaresTo = (pixels: number): number => Math.floor(pixels / squareSide);

/** The index of a square: those that lie `squares` apart are one. */
const squareAt = (column: number, row: number): number =>
  (row & (squares - 1)) * squares + (column & (squares - 1));

/**
 * Greedy non-maximum suppression.
 *
 * @param most survivors that are wanted: comparing thousands of detections with each other takes long
 * @returns the survivors, most confident first
 */
export function suppress<Found extends Detection>(
  detections: readonly Found[],
  most = Number.POSITIVE_INFINITY,
): Found[] {
  const kept: Found[] = [];
  const better = new Crowd(detections.length);
  for (const index of surestFirst(detections)) {
    if (kept.length >= most) break;
    const candidate = detections[index]!;
    if (better.shows(candidate.box, 1)) continue;
    better.add(candidate.box);
    kept.push(candidate);
  }
  return kept;
}

/** A float64 holds whole numbers of 53 bits: an index, and the 31 bits of a positive float32. */
const mostIndices = 2 ** 22;

/**
 * Indices of detections, the most confident first; of those that are equally so the first. Engines sort numbers
 * in a third of the time that they take by a function: each is made of a confidence and an index.
 */
function surestFirst(detections: readonly Detection[]): Uint32Array {
  const count = detections.length;
  const confidences = new Float64Array(count);
  for (let index = 0; index < count; index++) confidences[index] = detections[index]!.confidence;
  const bits = new Int32Array(new Float32Array(confidences).buffer);
  const keys = new Float64Array(count);
  for (let index = 0; index < count; index++) keys[index] = index - bits[index]! * mostIndices;
  keys.sort();
  const order = new Uint32Array(count);
  for (let place = 0; place < count; place++) {
    const index = keys[place]! - Math.floor(keys[place]! / mostIndices) * mostIndices;
    // Some differ in what float32 does not hold.
    let to = place;
    for (; to > 0 && confidences[order[to - 1]!]! < confidences[index]!; to--) order[to] = order[to - 1]!;
    order[to] = index;
  }
  return order;
}

/** Those of some detections at whose boxes so many of all lie. */
export function seenOften(
  some: readonly Detection[],
  detections: readonly Detection[],
  leastOf: (detection: Detection) => number,
): Detection[] {
  const crowd = new Crowd(detections.length);
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
