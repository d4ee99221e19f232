import type { Box, Point } from '../image/geometry.ts';
import type { Detection, FivePoints, SixPoints } from './detector.ts';

/** Detections as numbers side by side: of a scan there may be tens of thousands, overlapping ones included. */
export class Sightings {
  readonly confidences: number[] = [];
  /** Left, top, right and bottom edge of each box in turn. */
  readonly #edges: number[] = [];
  /** Those of each in their order in {@link Detection}; none of a detector that gives none. */
  readonly #points: (readonly Point[])[] = [];

  get count(): number {
    return this.confidences.length;
  }

  /** @param points five or six, if the detector gives any */
  add({ left, top, right, bottom }: Box, confidence: number, points?: readonly Point[]): void {
    this.#edges.push(left, top, right, bottom);
    this.confidences.push(confidence);
    if (points) this.#points.push(points);
  }

  /** Adds all of others, by the same detector. */
  addAll(others: Sightings): void {
    for (const edge of others.#edges) this.#edges.push(edge);
    for (const confidence of others.confidences) this.confidences.push(confidence);
    for (const points of others.#points) this.#points.push(points);
  }

  boxAt(index: number): Box {
    const edges = this.#edges;
    return {
      left: edges[4 * index]!,
      top: edges[4 * index + 1]!,
      right: edges[4 * index + 2]!,
      bottom: edges[4 * index + 3]!,
    };
  }

  at(index: number): Detection {
    const points = this.#points[index];
    return {
      box: this.boxAt(index),
      confidence: this.confidences[index]!,
      ...(points?.length === 5 && { points: points as unknown as FivePoints }),
      ...(points?.length === 6 && { sixPoints: points as unknown as SixPoints }),
    };
  }

  /** All of them as detections. */
  all(): Detection[] {
    return this.confidences.map((_, index) => this.at(index));
  }

  /** Leaves out all others. @param wanted indices, the least first */
  keep(wanted: readonly number[]): void {
    const [edges, points] = [this.#edges, this.#points];
    let place = 0;
    // Those in front of the first that is left out stay where they are: often all.
    while (place < wanted.length && wanted[place] === place) place++;
    for (; place < wanted.length; place++) {
      const index = wanted[place]!;
      for (let edge = 0; edge < 4; edge++) edges[4 * place + edge] = edges[4 * index + edge]!;
      this.confidences[place] = this.confidences[index]!;
      if (points.length > 0) points[place] = points[index]!;
    }
    edges.length = 4 * wanted.length;
    this.confidences.length = wanted.length;
    points.length = Math.min(points.length, wanted.length);
  }

  /** Places all of them elsewhere, in pixels of another size: x becomes left + x · unit. */
  move(left: number, top: number, unit: number): void {
    const edges = this.#edges;
    for (let at = 0; at < edges.length; at += 2) {
      edges[at] = left + edges[at]! * unit;
      edges[at + 1] = top + edges[at + 1]! * unit;
    }
    for (const [index, points] of this.#points.entries())
      this.#points[index] = points.map(({ x, y }) => ({ x: left + x * unit, y: top + y * unit }));
  }
}
