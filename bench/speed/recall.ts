import type { Box } from '../../src/image/geometry.ts';

/** Counts of the marked faces, of those found among them, and of what was found besides. */
export interface Recall {
  readonly marked: number;
  readonly found: number;
  readonly falseFinds: number;
}

/**
 * Compares what was found in a picture with what is marked in it. Libraries draw their boxes
 * differently (to the chin or to the hair, square or not), so that boxes belong together when each
 * has the other's centre inside.
 */
export function compareFaces(marked: readonly Box[], found: readonly Box[]): Recall {
  const left = [...found];
  let hits = 0;
  for (const face of marked) {
    const index = left.findIndex((each) => contains(each, face) && contains(face, each));
    if (index < 0) continue;
    hits++;
    left.splice(index, 1);
  }
  return { marked: marked.length, found: hits, falseFinds: left.length };
}

export function addRecalls(recalls: readonly Recall[]): Recall {
  const sum = (key: keyof Recall) => recalls.reduce((total, recall) => total + recall[key], 0);
  return { marked: sum('marked'), found: sum('found'), falseFinds: sum('falseFinds') };
}

/** True where the centre of `inner` lies in `outer`. */
function contains(outer: Box, inner: Box): boolean {
  const x = (inner.left + inner.right) / 2;
  const y = (inner.top + inner.bottom) / 2;
  return x >= outer.left && x <= outer.right && y >= outer.top && y <= outer.bottom;
}
