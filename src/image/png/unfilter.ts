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
    case 4: {
      let first = 0;
      for (; first + 3 <= step; first += 3) undoThreePaeths(row, above, first, step);
      for (; first < step; first++) undoPaeth(row, above, first, step);
      return true;
    }
    default:
      return false;
  }
}

/** Every `step`-th byte from `first` on, each of which needs the one before. */
function undoPaeth(row: Uint8Array, above: Uint8Array, first: number, step: number): void {
  let left = 0;
  let corner = 0;
  for (let at = first; at < row.length; at += step) {
    const up = above[at]!;
    left = (row[at]! + nearest(left, up, corner)) & 255;
    row[at] = left;
    corner = up;
  }
}

/** The same for the two bytes after as well: a processor computes side by side what does not wait for each other. */
function undoThreePaeths(row: Uint8Array, above: Uint8Array, first: number, step: number): void {
  let [left0, left1, left2] = [0, 0, 0];
  let [corner0, corner1, corner2] = [0, 0, 0];
  for (let at = first; at < row.length; at += step) {
    const up0 = above[at]!;
    const up1 = above[at + 1]!;
    const up2 = above[at + 2]!;
    left0 = (row[at]! + nearest(left0, up0, corner0)) & 255;
    left1 = (row[at + 1]! + nearest(left1, up1, corner1)) & 255;
    left2 = (row[at + 2]! + nearest(left2, up2, corner2)) & 255;
    row[at] = left0;
    row[at + 1] = left1;
    row[at + 2] = left2;
    corner0 = up0;
    corner1 = up1;
    corner2 = up2;
  }
}

/**
 * Whichever neighbour is nearest to left + up - corner; ties go left, then up. Before the first pixel there
 * are zeros. Masks (all ones where the second is nearer) in place of branches that photographs make hard to foretell.
 */
function nearest(left: number, up: number, corner: number): number {
  const alongX = up - corner;
  const alongY = left - corner;
  const toLeft = Math.abs(alongX);
  const upIsNearer = (Math.abs(alongY) - toLeft) >> 31;
  const toSide = toLeft + ((Math.abs(alongY) - toLeft) & upIsNearer);
  const side = left ^ ((left ^ up) & upIsNearer);
  const cornerIsNearer = (Math.abs(alongX + alongY) - toSide) >> 31;
  return side ^ ((side ^ corner) & cornerIsNearer);
}
