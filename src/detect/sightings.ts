import type { Box, Point } from '../image/geometry.ts';
import type { Detection, FivePoints, SixPoints } from './detector.ts';

/** Detections as numbers side by side: of a scan there may be tens of thousands, overlapping ones included. */
export class Sightings {
  readonly confidences: number[] = [];
  /** Left, top, right and bottom edge of each box in turn. */
  readonly #edges: number[] = [];
  /** Where a detector gives any, those of each, in their order in {@link Detection}. */
  readonly #points: (readonly Point[])[] = [];

  get count(): number {
    return this.confidences.length;
  }

  /** @param points five or six, if any */
  add({ left, top, right, bottom }: Box, confidence: number, points?: readonly Point[]): void {
    if (points) this.#points[this.count] = points;
    this.#edges.push(left, top, right, bottom);
    this.confidences.push(confidence);
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

  /** Adds those of others that are wanted, by their indices. */
  take(others: Sightings, isWanted: (index: number) => boolean): void {
    for (let index = 0; index < others.count; index++)
      if (isWanted(index)) this.add(others.boxAt(index), others.confidences[index]!, others.#points[index]);
  }

  /** Places all of them elsewhere, in pixels of another size: x becomes left + x · unit. */
  move(left: number, top: number, unit: number): void {
    const edges = this.#edges;
    for (let at = 0; at < edges.length; at += 2) {
      edges[at] = left + edges[at]! * unit;
      edges[at + 1] = top + edges[at + 1]! * unit;
    }
    this.#points.forEach((points, index) => {
      this.#points[index] = points.map(({ x, y }) => ({ x: left + x * unit, y: top + y * unit }));
    });
  }
}
