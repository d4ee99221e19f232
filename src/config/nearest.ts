/**
 * The candidate that was probably meant by a dotted key, in whichever case: the one whose last segment is
 * nearest, then the whole of which is. None where that is another word: a far guess misleads.
 */
export function nearest(given: string, candidates: Iterable<string>): string | undefined {
  if (given.length > longestKey) return undefined;
  const key = given.toLowerCase();
  let best: { candidate: string; segment: number; whole: number } | undefined;
  for (const candidate of candidates) {
    const segment = nearness(lastOf(key), lastOf(candidate));
    if (segment === undefined) continue;
    const whole = editDistance(key, candidate);
    if (!best || (segment - best.segment || whole - best.whole) < 0) best = { candidate, segment, whole };
  }
  return best?.candidate;
}

/** Longer keys are no slips of the pen, and comparing them costs. */
const longestKey = 64;

const lastOf = (dotted: string) => dotted.slice(dotted.lastIndexOf('.') + 1);

/** The distance of two words that could be one, mistyped: a third of what they do not begin alike with. */
function nearness(from: string, to: string): number | undefined {
  let alike = 0;
  while (alike < from.length && from[alike] === to[alike]) alike++;
  // Only whole words: `need_eye` and `need_age` have no more than `need_` in common.
  const common = from.lastIndexOf('_', alike - 1) + 1;
  const [one, other] = [from.slice(common), to.slice(common)];
  const distance = editDistance(one, other);
  return distance <= Math.floor((Math.max(one.length, other.length) + 1) / 3) ? distance : undefined;
}

/** Levenshtein's distance: insertions, deletions and replacements of characters. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
