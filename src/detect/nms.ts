import { area, intersect } from '../image/geometry.ts';
import type { Detection } from './detector.ts';
import { Sightings } from './sightings.ts';

/** Of two boxes that share more than this IoU only the surer one is kept: they are one face. */
const mostIoU = 0.4;

/** Side of a square of {@link Crowd} in pixels, about a small face, and most squares on an axis. */
const squareSide = 64;
const mostSquares = 64;

/**
 * Some of many boxes, with which any of them are compared: they stand in squares, by their middles. The more there
 * are, the more squares there are on each axis, a power of two, until they begin anew.
 */
class Crowd {
  readonly #edges: readonly number[];
  /** Squares on an axis, less one. */
  readonly #mask: number;
  /** Index of the one that came last to each square, and of the one that came there before each; -1: none. */
  readonly #last: Int32Array;
  readonly #before: Int32Array;

  constructor({ edges, count }: Sightings) {
    let squares = 1;
    while (squares < mostSquares && squares ** 2 < count) squares *= 2;
    this.#edges = edges;
    this.#mask = squares - 1;
    this.#last = new Int32Array(squares ** 2).fill(-1);
    this.#before = new Int32Array(count);
  }

  add(index: number): void {
    const edges = this.#edges;
    const x = (edges[4 * index]! + edges[4 * index + 2]!) / 2;
    const y = (edges[4 * index + 1]! + edges[4 * index + 3]!) / 2;
    const square = this.#squareAt(squaresTo(x), squaresTo(y));
    this.#before[index] = this.#last[square]!;
    this.#last[square] = index;
  }

  /** True where so many of them are one face with a box. */
  shows(index: number, count: number): boolean {
    const edges = this.#edges;
    const left = edges[4 * index]!;
    const top = edges[4 * index + 1]!;
    // Boxes that share so much have their middles nearer to each other than one is wide or high.
    const width = edges[4 * index + 2]! - left;
    const height = edges[4 * index + 3]! - top;
    const firstColumn = squaresTo(left - width / 2);
    const firstRow = squaresTo(top - height / 2);
    const columns = Math.min(this.#mask, squaresTo(left + 1.5 * width) - firstColumn);
    const rows = Math.min(this.#mask, squaresTo(top + 1.5 * height) - firstRow);
    let missing = count;
    for (let row = 0; row <= rows; row++) {
      for (let column = 0; column <= columns; column++) {
        let other = this.#last[this.#squareAt(firstColumn + column, firstRow + row)]!;
        for (; other >= 0; other = this.#before[other]!)
          if (areOne(edges, 4 * other, 4 * index) && --missing <= 0) return true;
      }
    }
    return false;
  }

  /** The index of a square: those that lie so many apart as there are on an axis are one. */
  #squareAt(column: number, row: number): number {
    return (row & this.#mask) * (this.#mask + 1) + (column & this.#mask);
  }
}

const squaresTo = (pixels: number): number => Math.floor(pixels / squareSide);

/** True where two boxes are one face. @param one, other where their edges begin */
function areOne(edges: readonly number[], one: number, other: number): boolean {
  const width = Math.min(edges[one + 2]!, edges[other + 2]!) - Math.max(edges[one]!, edges[other]!);
  if (width <= 0) return false;
  const height = Math.min(edges[one + 3]!, edges[other + 3]!) - Math.max(edges[one + 1]!, edges[other + 1]!);
  if (height <= 0) return false;
  const common = width * height;
  return common / (areaAt(edges, one) + areaAt(edges, other) - common) > mostIoU;
}

const areaAt = (edges: readonly number[], at: number): number =>
  (edges[at + 2]! - edges[at]!) * (edges[at + 3]! - edges[at + 1]!);

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

/** One float32, and its bits. */
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * Indices of confidences, the largest first; of those that are equal the first. Engines sort numbers in a third
 * of the time that they take by a function: each is made of a confidence and an index.
 */
function surestFirst(confidences: readonly number[]): Float64Array {
  const order = new Float64Array(confidences.length);
  for (let index = 0; index < order.length; index++) {
    float[0] = confidences[index]!;
    order[index] = index - bits[0]! * mostIndices;
  }
  order.sort();
  for (let place = 0; place < order.length; place++) {
    const index = order[place]! - Math.floor(order[place]! / mostIndices) * mostIndices;
    // Some differ in what float32 does not hold.
    let to = place;
    for (; to > 0 && confidences[order[to - 1]!]! < confidences[index]!; to--) order[to] = order[to - 1]!;
    order[to] = index;
  }
  return order;
}

/**
 * Those of some, by their indices, at whose boxes so many of all lie as are wanted there.
 *
 * @param least how many are wanted at one
 */
export function seenOften(
  some: readonly number[],
  all: Sightings,
  least: (index: number) => number,
): number[] {
  const crowd = new Crowd(all);
  for (let index = 0; index < all.count; index++) crowd.add(index);
  return some.filter((index) => crowd.shows(index, least(index)));
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
