import { type Box, intersect, wholeOf } from './geometry.ts';
import type { Orientation } from './orientation.ts';
import type { Picture, Reduction, View } from './picture.ts';
import { type PartialRaster, type Raster, wholeRaster } from './raster.ts';
import { mirror, type QuarterTurns, rotate } from './rotate.ts';

/** Every orientation is: mirror left to right or not, then turn clockwise. */
const steps: Readonly<Record<Orientation, { mirrored: boolean; turns: QuarterTurns }>> = {
  1: { mirrored: false, turns: 0 },
  2: { mirrored: true, turns: 0 },
  3: { mirrored: false, turns: 2 },
  4: { mirrored: true, turns: 2 },
  5: { mirrored: true, turns: 3 },
  6: { mirrored: false, turns: 1 },
  7: { mirrored: true, turns: 1 },
  8: { mirrored: false, turns: 3 },
};

/** The picture as its orientation wants it seen. The picture beneath is asked for the same pixels only. */
export function orient(picture: Picture, orientation: Orientation): Picture {
  const { mirrored, turns } = steps[orientation];
  return turn(mirrored ? mirrorPicture(picture) : picture, turns);
}

/** The picture turned clockwise by quarter turns; 0 gives the picture itself. */
export function turn(picture: Picture, turns: QuarterTurns): Picture {
  if (turns === 0) return picture;
  const { width, height } = picture;
  /** Where a rectangle of the stored picture lies in the turned one. */
  const place = (box: Box): Box => turnBox(box, turns, width, height);
  const swapped = turns !== 2;
  const size = swapped ? { width: height, height: width } : { width, height };
  /** The way back: the other turns, seen from the turned picture. */
  const back = (box: Box): Box => turnBox(box, (4 - turns) as QuarterTurns, size.width, size.height);
  return rearranged(picture, size, back, place, (raster) => rotate(raster, turns));
}

/** A box of a picture of `width` × `height`, after the picture was turned clockwise. */
export function turnBox(box: Box, turns: QuarterTurns, width: number, height: number): Box {
  const { left, top, right, bottom } = box;
  switch (turns) {
    case 0:
      return box;
    case 1:
      return { left: height - bottom, top: left, right: height - top, bottom: right };
    case 2:
      return { left: width - right, top: height - bottom, right: width - left, bottom: height - top };
    case 3:
      return { left: top, top: width - right, right: bottom, bottom: width - left };
  }
}

function mirrorPicture(picture: Picture): Picture {
  const across = (box: Box): Box => ({
    ...box,
    left: picture.width - box.right,
    right: picture.width - box.left,
  });
  return rearranged(picture, picture, across, across, mirror);
}

/**
 * A picture whose pixels are another's in another order. `back` maps a region to the one beneath,
 * `place` the other way, `rearrange` does the pixels; what it makes is kept as long as the raster beneath.
 */
function rearranged(
  picture: Picture,
  size: { readonly width: number; readonly height: number },
  back: (box: Box) => Box,
  place: (box: Box) => Box,
  rearrange: (raster: Raster) => Raster,
): Picture {
  const made = new WeakMap<PartialRaster, Raster>();
  const whole = wholeOf(size);
  return {
    width: size.width,
    height: size.height,
    view(region: Box, reduction: Reduction): View {
      const beneath = picture.view(back(intersect(region, whole)), reduction);
      let raster = made.get(beneath.raster);
      if (!raster) {
        raster = rearrange(wholeRaster(beneath.raster));
        made.set(beneath.raster, raster);
      }
      const { left, top } = place({
        left: beneath.left,
        top: beneath.top,
        right: beneath.left + beneath.raster.width * beneath.reduction,
        bottom: beneath.top + beneath.raster.height * beneath.reduction,
      });
      return { raster, left, top, reduction: beneath.reduction };
    },
    ahead: () => picture.ahead?.(),
    close: () => picture.close?.(),
  };
}
