/**
 * Undoes a row's filter in place (PNG specification, clause 9). `row` and `above` hold bytes, without the
 * filter's own; `step` is the bytes of a whole pixel, at least 1. False for a filter that does not exist.
 */
export function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): boolean {
  const length = row.length;
  switch (filter) {
    case 0:
      return true;
    case 1:
      for (let at = step; at < length; at++) row[at]! += row[at - step]!;
      return true;
    case 2:
      for (let at = 0; at < length; at++) row[at]! += above[at]!;
      return true;
    case 3:
      for (let at = 0; at < Math.min(step, length); at++) row[at]! += above[at]! >> 1;
      for (let at = step; at < length; at++) row[at]! += (row[at - step]! + above[at]!) >> 1;
      return true;
    case 4:
      for (let at = 0; at < Math.min(step, length); at++) row[at]! += above[at]!;
      for (let at = step; at < length; at++) {
        row[at]! += paeth(row[at - step]!, above[at]!, above[at - step]!);
      }
      return true;
    default:
      return false;
  }
}

/** Whichever neighbour is nearest to left + up - corner; ties go left, then up. */
export function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
