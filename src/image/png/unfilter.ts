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
      for (let first = 0; first < step; first++) undoPaeth(row, above, first, step);
      return true;
    default:
      return false;
  }
}

/**
 * Every `step`-th byte from `first` on: adds whichever neighbour is nearest to left + up - corner; ties
 * go left, then up. Before the first pixel there are zeros.
 */
function undoPaeth(row: Uint8Array, above: Uint8Array, first: number, step: number): void {
  let left = 0;
  let corner = 0;
  for (let at = first; at < row.length; at += step) {
    const up = above[at]!;
    const alongX = up - corner;
    const alongY = left - corner;
    const toLeft = Math.abs(alongX);
    const toUp = Math.abs(alongY);
    const toCorner = Math.abs(alongX + alongY);
    const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    left = (row[at]! + nearest) & 255;
    row[at] = left;
    corner = up;
  }
}
