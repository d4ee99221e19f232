import { area, intersect, iou } from '../image/geometry.ts';
import type { Detection } from './detector.ts';
import { Sightings } from './sightings.ts';

/** Of two boxes that share more than this IoU only the surer one is kept: they are one face. */
const mostIoU = 0.4;

/** Logarithm of a {@link Crowd}'s squares' side in pixels, which is about a small face's, and most squares on an axis. */
const squareBits = 6;
const mostSquares = 64;

/**
 * Some of many boxes, with which any of them are compared: they stand in squares, by their middles. The more there
 * are, the more squares there are on each axis, a power of two, until they begin anew.
 */
class Crowd {
  readonly #all: Sightings;
  /** Squares on an axis, less one. */
  readonly #mask: number;
  /** Index of the one that came last to each square, and of the one that came there before each; -1: none. */
  readonly #last: Int32Array;
  readonly #before: Int32Array;

  constructor(all: Sightings) {
    let squares = 1;
    while (squares < mostSquares && squares ** 2 < all.count) squares *= 2;
    this.#all = all;
    this.#mask = squares - 1;
    this.#last = new Int32Array(squares ** 2).fill(-1);
    this.#before = new Int32Array(all.count);
  }

  add(index: number): void {
    const { left, top, right, bottom } = this.#all.boxAt(index);
    const square = this.#squareAt(squaresTo((left + right) / 2), squaresTo((top + bottom) / 2));
    this.#before[index] = this.#last[square]!;
    this.#last[square] = index;
  }

  /** True where so many of them are one face with a box. */
  shows(index: number, count: number): boolean {
    const all = this.#all;
    const box = all.boxAt(index);
    const { left, top, right, bottom } = box;
    const x = (left + right) / 2;
    const y = (top + bottom) / 2;
    const firstColumn = squaresTo(x - farthest * (right - left));
    const firstRow = squaresTo(y - farthest * (bottom - top));
    const lastColumn = Math.min(firstColumn + this.#mask, squaresTo(x + farthest * (right - left)));
    const lastRow = Math.min(firstRow + this.#mask, squaresTo(y + farthest * (bottom - top)));
    let missing = count;
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        let other = this.#last[this.#squareAt(column, row)]!;
        for (; other >= 0; other = this.#before[other]!)
          if (iou(all.boxAt(other), box) > mostIoU && --missing <= 0) return true;
      }
    }
    return false;
  }

  /** The index of a square: those that lie so many apart as there are on an axis are one. */
  #squareAt(column: number, row: number): number {
    return (row & this.#mask) * (this.#mask + 1) + (column & this.#mask);
  }
}

/** Boxes that share so much have their middles nearer to each other than so many of either one's widths, or heights. */
const farthest = (1 / mostIoU - 1) / 2;

/** In whole numbers of 32 bits, with which engines count faster. */
const squaresTo = (pixels: number): number => pixels >> squareBits;

/** Indices of confidences, one after the other: the largest first; of those that are equal the first. */
class SurestFirst {
  readonly #confidences: readonly number[];
  /** A heap of those that are left: none is surer than the one at half of its place. */
  readonly #heap: Int32Array;
  #count: number;

  constructor(confidences: readonly number[]) {
    this.#confidences = confidences;
    this.#count = confidences.length;
    this.#heap = new Int32Array(this.#count);
    for (let index = this.#count - 1; index >= 0; index--) this.#settle(index, index);
  }

  /** Takes the next one; undefined: none is left. */
  next(): number | undefined {
    if (this.#count === 0) return undefined;
    const next = this.#heap[0]!;
    this.#count--;
    this.#settle(0, this.#heap[this.#count]!);
    return next;
  }

  /** Puts an index in a place or beneath it, where heaps are already. */
  #settle(from: number, index: number): void {
    const heap = this.#heap;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#count) break;
      if (child + 1 < this.#count && this.#isSurer(heap[child + 1]!, heap[child]!)) child++;
      if (this.#isSurer(index, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = index;
  }

  #isSurer(one: number, other: number): boolean {
    const sureness = this.#confidences[one]!;
    const others = this.#confidences[other]!;
    return sureness > others || (sureness === others && one < other);
  }
}

/**
 * Greedy non-maximum suppression.
 *
 * @param most survivors that are wanted: comparing thousands of detections with each other takes long
 * @returns the survivors' indices, most confident first
 */
export function survivors(seen: Sightings, most = Number.POSITIVE_INFINITY): number[] {
  const kept: number[] = [];
  const better = new Crowd(seen);
  const order = new SurestFirst(seen.confidences);
  for (let index = order.next(); index !== undefined && kept.length < most; index = order.next()) {
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
