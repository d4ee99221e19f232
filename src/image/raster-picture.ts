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
  const pairs = source.width >> 1;
  const rowBytes = 3 * source.width;
  let out = 0;
  for (let y = 0; y < target.height; y++) {
    let upper = 2 * y * rowBytes;
    let lower = Math.min(2 * y + 1, source.height - 1) * rowBytes;
    for (let pair = 0; pair < pairs; pair++, upper += 6, lower += 6, out += 3) {
      to[out] = (from[upper]! + from[upper + 3]! + from[lower]! + from[lower + 3]! + 2) >> 2;
      to[out + 1] = (from[upper + 1]! + from[upper + 4]! + from[lower + 1]! + from[lower + 4]! + 2) >> 2;
      to[out + 2] = (from[upper + 2]! + from[upper + 5]! + from[lower + 2]! + from[lower + 5]! + 2) >> 2;
    }
    if (pairs === target.width) continue;
    for (let channel = 0; channel < 3; channel++) {
      to[out++] = (from[upper + channel]! + from[lower + channel]! + 1) >> 1;
    }
  }
  return target;
}
