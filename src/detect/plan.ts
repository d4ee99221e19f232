import type { Box } from '../image/geometry.ts';
import type { InputSize } from '../nn/image-input.ts';

/** Sizes of faces (longer side of the box), in pixels; the ends are included. */
export interface FaceSizes {
  readonly least: number;
  /** May be infinite. */
  readonly most: number;
}

/** What the plan has to know of a detector. */
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
  /** What fills the input; may reach outside the region, where there is nothing to see. */
  readonly source: Box;
  /** A face belongs to the tile in whose core its centre lies; cores do not overlap. */
  readonly core: Box;
}

/** Empty input pixels around the region: context for faces at its border. */
const margin = 32;

/** Most input pixels on a side of a tile: larger ones take more memory and save little overlap. */
const mostSide = 1024;

/**
 * The cheapest way to look at every face of the interval inside the region at a size at which
 * the detector is reliable. The finest level costs most, and each further one
 * (least / most)² of it.
 */
export function planLevels(region: Box, interval: FaceSizes, { reliable, size }: LookRules): Level[] {
  const longest = Math.max(region.right - region.left, region.bottom - region.top);
  const largest = Math.min(interval.most, longest);
  const levels: Level[] = [];
  let least = Math.min(interval.least, largest);
  for (;;) {
    const scale = reliable.least / least;
    const most = reliable.most / scale;
    levels.push(levelAt(region, scale, { least, most }, size));
    if (most >= largest) return levels;
    // Boxes of a face differ a little between levels: it must not fall between two.
    least = most / sharedSizes;
  }
}

/** Ratio of the sizes at which two neighbouring levels both report faces. */
const sharedSizes = 1.25;

function levelAt(region: Box, scale: number, faces: FaceSizes, size: InputSize): Level {
  const overlap = Math.ceil((faces.most * scale) / 2);
  const columns = split(region.left, region.right, scale, overlap, 'width' in size ? size.width : size);
  const rows = split(region.top, region.bottom, scale, overlap, 'height' in size ? size.height : size);
  return {
    scale,
    faces,
    width: columns.side,
    height: rows.side,
    tiles: rows.spans.flatMap((row) =>
      columns.spans.map((column) => ({
        source: { left: column.from, right: column.to, top: row.from, bottom: row.to },
        core: { left: column.coreFrom, right: column.coreTo, top: row.coreFrom, bottom: row.coreTo },
      })),
    ),
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly coreFrom: number;
  readonly coreTo: number;
}

/** Cuts one axis of the region into tiles of equal sides. */
function split(
  start: number,
  end: number,
  scale: number,
  overlap: number,
  size: number | { readonly multipleOf: number },
): { readonly side: number; readonly spans: readonly Span[] } {
  const length = Math.ceil((end - start) * scale) + 2 * margin;
  const largest = typeof size === 'number' ? size : mostSide;
  const count = length <= largest ? 1 : Math.ceil((length - 2 * overlap) / (largest - 2 * overlap));
  const needed = Math.ceil((length + (count - 1) * 2 * overlap) / count);
  const side = typeof size === 'number' ? size : Math.ceil(needed / size.multipleOf) * size.multipleOf;
  const coreLength = (end - start) / count;
  const spans = Array.from({ length: count }, (_, index) => {
    const coreFrom = start + index * coreLength;
    const middle = coreFrom + coreLength / 2;
    return {
      from: middle - side / 2 / scale,
      to: middle + side / 2 / scale,
      coreFrom: index === 0 ? Number.NEGATIVE_INFINITY : coreFrom,
      coreTo: index === count - 1 ? Number.POSITIVE_INFINITY : coreFrom + coreLength,
    };
  });
  return { side, spans };
}
