import type { Canvas } from './canvas.ts';
import { type Affine, area, type Box, intersect, type Size, wholeOf } from './geometry.ts';
import { createRaster, type PartialRaster } from './raster.ts';
import { resizeInto, seenByResize } from './resize.ts';
import { atLeastAPixel, lentWarp, seenByWarp } from './warp.ts';

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

/** True of a drawing that is the mirror image of the one before it; of an index at which there is none it is not. */
export function mirrorsOneBefore(drawings: readonly Drawing[], index: number): boolean {
  // Read at a place that there is not, V8 leaves its optimised code.
  if (index < 1 || index >= drawings.length) return false;
  const one = drawings[index - 1]!;
  const other = drawings[index]!;
  if (!('mirrored' in one && 'mirrored' in other)) return false;
  return one.raster === other.raster && one.mirrored !== other.mirrored && isSame(one.source, other.source);
}

const isSame = (one: Box, other: Box): boolean =>
  one.left === other.left &&
  one.top === other.top &&
  one.right === other.right &&
  one.bottom === other.bottom;

/** Draws all of an image. */
export function draw(drawing: Drawing, canvas: Canvas): void {
  const whole = wholeOf(canvas);
  const { raster } = drawing;
  if ('toSource' in drawing) {
    canvas.copy(whole, lentWarp(raster, drawing.toSource, canvas.width, canvas.height), 0, 0);
  } else if ('window' in drawing) {
    const { source, window } = drawing;
    for (const box of around(window, whole))
      canvas.put(box, new Float32Array(3 * (box.right - box.left)).fill(nothing));
    if (area(window) > 0) resizeInto(canvas, window, raster, source);
  } else {
    resizeInto(canvas, whole, raster, drawing.source, drawing.mirrored);
  }
}

/** What lies around a box within another one. */
function around({ left, top, right, bottom }: Box, whole: Box): Box[] {
  const above = { ...whole, bottom: top };
  const below = { ...whole, top: bottom };
  const before = { left: whole.left, top, right: left, bottom };
  const behind = { left: right, top, right: whole.right, bottom };
  return [above, before, behind, below].filter((box) => area(box) > 0);
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
