/** The candidate closest to a dotted key: first by its last segment, then by the whole key. */
export function nearest(key: string, candidates: readonly string[]): string | undefined {
  const last = (dotted: string) => dotted.slice(dotted.lastIndexOf('.') + 1);
  const ranked = candidates.map((candidate) => ({
    candidate,
    segment: editDistance(last(key), last(candidate)),
    whole: editDistance(key, candidate),
  }));
  ranked.sort((one, other) => one.segment - other.segment || one.whole - other.whole);
  return ranked[0]?.candidate;
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
