import { type Box, longerSide } from '../image/geometry.ts';
import type { InputSize } from '../nn/image-input.ts';

/** Sizes of faces (longer side of the box), in pixels; the ends are included. */
export interface FaceSizes {
  readonly least: number;
  /** May be infinite. */
  readonly most: number;
}

/** The facts about a detector that a plan needs. */
export interface LookRules {
  /** Sizes that it finds reliably, in input pixels. */
  readonly reliable: FaceSizes;
  readonly size: InputSize;
}

/** Looking for the faces between two sizes: the whole region at one scale, in tiles. */
export interface Level {
  /** Input pixels for a pixel of the picture. */
  readonly scale: number;
  /** In pixels of the picture. */
  readonly faces: FaceSizes;
  /** Size of each tile in input pixels. */
  readonly width: number;
  readonly height: number;
  readonly tiles: readonly Tile[];
}

/** One forward pass, in pixels of the picture. */
export interface Tile {
  /** The box that fills the input; it may reach outside the region, where there is nothing to see. */
  readonly source: Box;
  /** A face belongs to the tile in whose core its centre lies; cores do not overlap. */
  readonly core: Box;
}

/** Empty input pixels around the region: context for faces at its border. */
const margin = 16;

/**
 * Input pixels on the longer side that the region is enlarged to at least: small pictures are
 * cheap to look at, and faces in them are found better when they are not also small in the input.
 */
const leastSide = 256;

/** Most input pixels on a side of a tile: larger ones take more memory and save little overlap. */
const mostSide = 1280;

/** Sides are rounded up to multiples of this: networks are prepared for each size of input anew. */
const sideStep = 32;

/** The largest face that tiles are planned for, as a share of their side. */
const mostOfTile = 0.7;

/**
 * Ratio of the sizes at which two neighbouring levels both report faces, at most. With little in
 * common a face between them would be at one end of what is reliable on both; coarser levels are cheap.
 */
const mostShared = 2.5;

/**
 * The cheapest way to look at every face of the interval inside the region at a size at which the
 * detector is reliable: the finest level that the smallest face needs, and coarser ones, each for
 * the faces that are too large for the one before, smaller by a power of two: where a decoder gives the
 * finest as it is, it gives them all. Fewer sizes on a level mean more levels, but
 * less overlap of its tiles: all are tried.
 */
export function planLevels(region: Box, interval: FaceSizes, rules: LookRules): Level[] {
  let best: Level[] | undefined;
  const side = 'width' in rules.size ? Math.min(rules.size.width, rules.size.height) : mostSide;
  const widest = Math.min(rules.reliable.most, mostOfTile * side);
  for (let most = widest; most >= 2 * rules.reliable.least; most /= Math.SQRT2) {
    const plan = levelsFor(region, interval, { ...rules, reliable: { ...rules.reliable, most } });
    if (!best || pixelsOf(plan) < pixelsOf(best)) best = plan;
  }
  return best ?? levelsFor(region, interval, rules);
}

/**
 * One pass over the whole region at a size: what faces it finds, the region's size decides.
 *
 * @param wanted input pixels on the longer side, borders included
 */
export function planOnePass(region: Box, { reliable, size }: LookRules, wanted: number = leastSide): Level[] {
  const longest = longerSide(region);
  const side = 'width' in size ? Math.min(size.width, size.height) : wanted;
  // A pixel less, as lengths are rounded up.
  const scale = (side - 2 * margin - 1) / longest;
  return [levelAt(region, scale, { least: reliable.least / scale, most: 2 * longest }, size)];
}

/** Input pixels of all passes: what a plan costs. */
export function pixelsOf(levels: readonly Level[]): number {
  let pixels = 0;
  for (const { width, height, tiles } of levels) pixels += width * height * tiles.length;
  return pixels;
}

function levelsFor(region: Box, interval: FaceSizes, { reliable, size }: LookRules): Level[] {
  const longest = longerSide(region);
  const largest = Math.min(interval.most, longest);
  const levels: Level[] = [];
  const shared = Math.min(mostShared, Math.sqrt(reliable.most / reliable.least));
  let scale = Math.max(reliable.least / Math.min(interval.least, largest), leastSide / longest);
  for (;;) {
    const faces = { least: reliable.least / scale, most: reliable.most / scale };
    levels.push(levelAt(region, scale, faces, size));
    if (faces.most >= largest) return levels;
    scale /= 2 ** Math.max(1, Math.round(Math.log2(reliable.most / reliable.least / shared)));
  }
}

function levelAt(region: Box, scale: number, faces: FaceSizes, size: InputSize): Level {
  const overlap = Math.ceil((faces.most * scale) / 2);
  const columns = split(region.left, region.right, scale, overlap, 'width' in size ? size.width : size);
  const rows = split(region.top, region.bottom, scale, overlap, 'height' in size ? size.height : size);
  const tiles: Tile[] = [];
  for (const row of rows.spans) for (const column of columns.spans) tiles.push(tileOf(column, row));
  return { scale, faces, width: columns.side, height: rows.side, tiles };
}

const tileOf = (column: Span, row: Span): Tile => ({
  source: { left: column.from, right: column.to, top: row.from, bottom: row.to },
  core: { left: column.coreFrom, right: column.coreTo, top: row.coreFrom, bottom: row.coreTo },
});

interface Span {
  readonly from: number;
  readonly to: number;
  readonly coreFrom: number;
  readonly coreTo: number;
}

/**
 * Cuts one axis of the region into tiles of equal sides, in which every face whose centre lies in
 * the core is whole.
 */
function split(
  start: number,
  end: number,
  scale: number,
  overlap: number,
  size: number | { readonly multipleOf: number },
): { readonly side: number; readonly spans: readonly Span[] } {
  const [largest, step] = typeof size === 'number' ? [size, size] : [mostSide, stepOf(size.multipleOf)];
  const length = Math.ceil((end - start) * scale);
  const spread = length + 2 * margin;
  const count = spread <= largest ? 1 : Math.ceil((spread - 2 * overlap) / (largest - 2 * overlap));
  const side = Math.ceil((spread + (count - 1) * 2 * overlap) / count / step) * step;
  // In whole input pixels, so that a scale that a decoder offers is shown as it is. Tiles share what
  // their sides have more than the spread; one alone has the region in its middle.
  const offsets = Array.from({ length: count }, (_, index) =>
    count === 1
      ? Math.floor((length - side) / 2)
      : Math.round((index * (spread - side)) / (count - 1)) - margin,
  );
  const spans = offsets.map((offset, index) => ({
    from: start + offset / scale,
    to: start + (offset + side) / scale,
    coreFrom:
      index === 0 ? Number.NEGATIVE_INFINITY : start + middle(offsets[index - 1]! + side, offset) / scale,
    coreTo:
      index === count - 1
        ? Number.POSITIVE_INFINITY
        : start + middle(offset + side, offsets[index + 1]!) / scale,
  }));
  return { side, spans };
}

const middle = (a: number, b: number): number => (a + b) / 2;

/** The least common step of our own and the network's. */
function stepOf(multiple: number): number {
  for (let step = multiple; ; step += multiple) if (step >= sideStep) return step;
}
