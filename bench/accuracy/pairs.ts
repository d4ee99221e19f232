import { createRandom } from './random.ts';

/** Indices of two pictures. */
export type Pair = readonly [first: number, second: number];

export interface Pairs {
  /** Every pair of pictures of one person. */
  readonly same: readonly Pair[];
  /** Pairs of pictures of two persons, no pair twice. */
  readonly cross: readonly Pair[];
}

/**
 * @param people who is in each picture
 * @param crossPerSame cross pairs for each same-person pair; all that there are, at most
 */
export function drawPairs(people: readonly string[], crossPerSame: number, seed: number): Pairs {
  const same: Pair[] = [];
  const cross: Pair[] = [];
  for (let first = 0; first < people.length; first++) {
    for (let second = first + 1; second < people.length; second++) {
      (people[first] === people[second] ? same : cross).push([first, second]);
    }
  }
  shuffleStart(cross, same.length * crossPerSame, seed);
  return { same, cross: cross.slice(0, same.length * crossPerSame) };
}

/** Puts a random selection, in random order, at the start of an array (Fisher–Yates). */
function shuffleStart(items: unknown[], count: number, seed: number): void {
  const random = createRandom(seed);
  for (let index = 0; index < Math.min(count, items.length); index++) {
    const other = index + Math.floor(random() * (items.length - index));
    [items[index], items[other]] = [items[other], items[index]];
  }
}
