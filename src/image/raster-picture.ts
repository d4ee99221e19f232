import type { Box } from './geometry.ts';
import type { Picture, Reduction, View } from './picture.ts';
import { createRaster, type Raster } from './raster.ts';

/**
 * A picture whose pixels are all in memory. A reduced view is the box average of the whole
 * raster, made on first use and kept.
 */
export function rasterPicture(raster: Raster): Picture {
  const views = new Map<Reduction, View>([[1, { raster, left: 0, top: 0, reduction: 1 }]]);
  const view = (reduction: Reduction): View => {
    const known = views.get(reduction);
    if (known) return known;
    // Each level halves the one before it: a quarter of the reading, and rounding stays below one step.
    const finer = view((reduction / 2) as Reduction);
    const made: View = { raster: halve(finer.raster), left: 0, top: 0, reduction };
    views.set(reduction, made);
    return made;
  };
  return {
    width: raster.width,
    height: raster.height,
    view: (_region: Box, reduction: Reduction) => view(reduction),
  };
}

/** The average of every 2×2 pixels. An odd last column or row is averaged with itself. */
export function halve(source: Raster): Raster {
  const target = createRaster((source.width + 1) >> 1, (source.height + 1) >> 1);
  const from = source.data;
  const to = target.data;
  let out = 0;
  for (let y = 0; y < target.height; y++) {
    const upper = 2 * y * source.width * 3;
    const lower = Math.min(2 * y + 1, source.height - 1) * source.width * 3;
    for (let x = 0; x < target.width; x++) {
      const left = 6 * x;
      const right = 2 * x + 1 < source.width ? left + 3 : left;
      for (let channel = 0; channel < 3; channel++) {
        const sum =
          from[upper + left + channel]! +
          from[upper + right + channel]! +
          from[lower + left + channel]! +
          from[lower + right + channel]!;
        to[out++] = (sum + 2) >> 2;
      }
    }
  }
  return target;
}
