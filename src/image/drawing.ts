import { type Affine, area, type Box, intersect, type Size, wholeOf } from './geometry.ts';
import { coloursOf, type ImageRows } from './image-rows.ts';
import { createRaster, type PartialRaster } from './raster.ts';
import { allOf, resizeInto, seenByResize } from './resize.ts';
import { atLeastAPixel, seenByWarp, warp } from './warp.ts';

/** An image for a network, still to be drawn. It is plain data, so that any thread can draw it. */
export type Drawing = { readonly raster: PartialRaster } & (Shown | Filling | Warped);

interface Shown {
  /** The rectangle of the raster that is shown; it may be fractional and reach outside it. */
  readonly source: Box;
  /** Where it is shown, in whole pixels of the image; what lies around is grey. */
  readonly window: Box;
}

interface Filling {
  /** The rectangle of the raster that fills the image. */
  readonly source: Box;
  /** True: left and right are exchanged. */
  readonly mirrored: boolean;
}

interface Warped {
  /** From the image's pixels to the raster's. */
  readonly toSource: Affine;
}

/** An image that shows nothing. */
export const nothingToSee: Drawing = {
  raster: createRaster(1, 1),
  source: { left: 0, top: 0, right: 1, bottom: 1 },
  window: { left: 0, top: 0, right: 0, bottom: 0 },
};

/**
 * The value around a window, 0 to 255: the middle of the range, which most networks are given as zero and
 * pad their maps with. Beside black, faces at the border were found less often.
 */
const nothing = 127.5;

/** Writes an image. @param height its rows */
export function draw(drawing: Drawing, rows: ImageRows, height: number): void {
  const width = rows.row.length / 3;
  const { raster } = drawing;
  if ('toSource' in drawing) {
    const warped = warp(raster, drawing.toSource, width, height);
    resizeInto(allOf(rows, height), warped, wholeOf(warped));
  } else if ('window' in drawing) {
    const { left, top, right, bottom } = drawing.window;
    rows.row.fill(nothing);
    for (let y = 0; y < top; y++) rows.next();
    const part = { rows, left, width: right - left, height: bottom - top };
    if (area(drawing.window) > 0) resizeInto(part, raster, drawing.source);
    rows.row.fill(nothing);
    for (let y = bottom; y < height; y++) rows.next();
  } else {
    resizeInto(allOf(drawing.mirrored ? mirroredRows(rows) : rows, height), raster, drawing.source);
  }
}

/** Rows whose mirror images are given. */
function mirroredRows({ row, next }: ImageRows): ImageRows {
  const colours = coloursOf(row);
  return {
    row,
    next() {
      for (const values of colours) values.reverse();
      next();
    },
  };
}

/** The pixels of its raster that a drawing takes, and maybe a few around them. */
export function seenBy(drawing: Drawing, size: Size): Box {
  const { raster } = drawing;
  const seen =
    'toSource' in drawing
      ? seenByWarp(drawing.toSource, size.width, size.height)
      : seenByResize(drawing.source, 'window' in drawing ? sizeOf(drawing.window) : size);
  return atLeastAPixel(intersect(seen, wholeOf(raster)), raster);
}

const sizeOf = ({ left, top, right, bottom }: Box): Size => ({
  width: right - left,
  height: bottom - top,
});
