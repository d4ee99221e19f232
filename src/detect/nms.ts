import { area, intersect, iou } from '../image/geometry.ts';
import type { Detection } from './detector.ts';
import { Sightings } from './sightings.ts';

/** Of two boxes that share more than this IoU only the surer one is kept: they are one face. */
const mostIoU = 0.4;

/** Side of a square of {@link Crowd} in pixels, about a small face, and squares to where it begins anew. */
const squareSide = 64;
const squares = 64;

/** Some of many boxes, with which any of them are compared: they stand in squares, by their middles. */
class Crowd {
  readonly #all: Sightings;
  /** Index of the one that came last to each square, and of the one that came there before each; -1: none. */
  readonly #last = new Int32Array(squares ** 2).fill(-1);
  readonly #before: Int32Array;

  constructor(all: Sightings) {
    this.#all = all;
    this.#before = new Int32Array(all.count);
  }

  add(index: number): void {
    const { left, top, right, bottom } = this.#all.boxAt(index);
    const square = squareAt(squaresTo((left + right) / 2), squaresTo((top + bottom) / 2));
    this.#before[index] = this.#last[square]!;
    this.#last[square] = index;
  }

  /** True where so many of them are one face with a box. */
  shows(index: number, count: number): boolean {
    const all = this.#all;
    const box = all.boxAt(index);
    const { left, top, right, bottom } = box;
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
        for (let other = this.#last[square]!; other >= 0; other = this.#before[other]!)
          if (iou(all.boxAt(other), box) > mostIoU && --missing <= 0) return true;
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
 * @returns the survivors' indices, most confident first
 */
export function survivors(seen: Sightings, most = Number.POSITIVE_INFINITY): number[] {
  const kept: number[] = [];
  const better = new Crowd(seen);
  for (const index of surestFirst(seen.confidences)) {
    if (kept.length >= most) break;
    if (better.shows(index, 1)) continue;
    better.add(index);
    kept.push(index);
  }
  return kept;
}

/** The same of detections. */
export function suppress<Found extends Detection>(detections: readonly Found[]): Found[] {
  const seen = new Sightings();
  for (const { box, confidence } of detections) seen.add(box, confidence);
  return survivors(seen).map((index) => detections[index]!);
}

/** A float64 holds whole numbers of 53 bits: an index, and the 31 bits of a positive float32. */
const mostIndices = 2 ** 22;

/**
 * Indices of confidences, the largest first; of those that are equal the first. Engines sort numbers in a third
 * of the time that they take by a function: each is made of a confidence and an index.
 */
function surestFirst(confidences: readonly number[]): Uint32Array {
  const bits = new Int32Array(new Float32Array(confidences).buffer);
  const keys = new Float64Array(bits.length);
  for (let index = 0; index < keys.length; index++) keys[index] = index - bits[index]! * mostIndices;
  keys.sort();
  const order = new Uint32Array(keys.length);
  for (let place = 0; place < order.length; place++) {
    const index = keys[place]! - Math.floor(keys[place]! / mostIndices) * mostIndices;
    // Some differ in what float32 does not hold.
    let to = place;
    for (; to > 0 && confidences[order[to - 1]!]! < confidences[index]!; to--) order[to] = order[to - 1]!;
    order[to] = index;
  }
  return order;
}

/** Those of some, by their indices, at whose boxes so many of all lie as are wanted there. @param least of each of all */
export function seenOften(some: readonly number[], all: Sightings, least: readonly number[]): number[] {
  const crowd = new Crowd(all);
  for (let index = 0; index < all.count; index++) crowd.add(index);
  return some.filter((index) => crowd.shows(index, least[index]!));
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
