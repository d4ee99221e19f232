import { createRaster, type Raster } from './raster.ts';

/** RGBA pixels (alpha not premultiplied) laid on white, as a viewer shows them on a page. */
export function withoutAlpha(width: number, height: number, rgba: ArrayLike<number>): Raster {
  const raster = createRaster(width, height);
  const { data } = raster;
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    const white = 255 * (255 - alpha);
    data[to] = Math.round((rgba[from]! * alpha + white) / 255);
    data[to + 1] = Math.round((rgba[from + 1]! * alpha + white) / 255);
    data[to + 2] = Math.round((rgba[from + 2]! * alpha + white) / 255);
  }
  return raster;
}
