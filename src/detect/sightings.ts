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
    const found = { box: this.boxAt(index), confidence: this.confidences[index]! };
    if (this.#points.length === 0) return found;
    const points = this.#points[index]!;
    return points.length === 5
      ? { ...found, points: points as unknown as FivePoints }
      : { ...found, sixPoints: points as unknown as SixPoints };
  }

  /** All of them as detections. */
  all(): Detection[] {
    return this.confidences.map((_, index) => this.at(index));
  }

  /** Leaves out all others. @param isWanted is asked of each index in turn */
  keep(isWanted: (index: number) => boolean): void {
    const { confidences, count } = this;
    const [edges, points] = [this.#edges, this.#points];
    let place = 0;
    for (let index = 0; index < count; index++) {
      if (!isWanted(index)) continue;
      // Those in front of the first that is left out stay where they are: often all.
      if (place < index) {
        for (let edge = 0; edge < 4; edge++) edges[4 * place + edge] = edges[4 * index + edge]!;
        confidences[place] = confidences[index]!;
        if (points.length > 0) points[place] = points[index]!;
      }
      place++;
    }
    if (place === count) return;
    edges.length = 4 * place;
    confidences.length = place;
    points.length = Math.min(points.length, place);
  }

  /** Places all of them elsewhere, in pixels of another size: x becomes left + x · unit. */
  move(left: number, top: number, unit: number): void {
    const edges = this.#edges;
    for (let at = 0; at < edges.length; at += 2) {
      edges[at] = left + edges[at]! * unit;
      edges[at + 1] = top + edges[at + 1]! * unit;
    }
    for (let index = 0; index < this.#points.length; index++)
      this.#points[index] = this.#points[index]!.map(({ x, y }) => ({
        x: left + x * unit,
        y: top + y * unit,
      }));
  }
}
