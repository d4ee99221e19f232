import type { RgbaImage } from './codec.ts';
import { createRaster, type Raster } from './raster.ts';

/** Pixels from one checkpoint to the next. */
const stretch = 1 << 18;

/**
 * A sample laid on white.
 *
 * @param value 0 to 255, not always whole, as is `alpha`
 * @returns 0.5 to 255.5, which an array of bytes cuts to the nearest byte
 */
export function onWhite(value: number, alpha: number): number {
  return (value * alpha + 255 * (255 - alpha) + 127.5) / 255;
}

/** RGBA pixels (alpha not premultiplied) laid on white, as a viewer shows them on a page. */
export function withoutAlpha({ width, height, data: rgba }: RgbaImage, checkpoint: () => void): Raster {
  const raster = createRaster(width, height);
  const { data } = raster;
  for (let from = 0, to = 0, next = 0; to < data.length; from += 4, to += 3) {
    if (to >= next) {
      checkpoint();
      next = to + 3 * stretch;
    }
    const alpha = rgba[from + 3]!;
    if (alpha === 255) {
      data[to] = rgba[from]!;
      data[to + 1] = rgba[from + 1]!;
      data[to + 2] = rgba[from + 2]!;
      continue;
    }
    data[to] = onWhite(rgba[from]!, alpha);
    data[to + 1] = onWhite(rgba[from + 1]!, alpha);
    data[to + 2] = onWhite(rgba[from + 2]!, alpha);
  }
  return raster;
}

/** A raster at its place on a white canvas, within which it lies; itself where it covers all of it. */
export function onCanvas(
  raster: Raster,
  { left, top }: { readonly left: number; readonly top: number },
  width: number,
  height: number,
): Raster {
  if (raster.width === width && raster.height === height) return raster;
  const canvas = createRaster(width, height);
  canvas.data.fill(255);
  for (let y = 0; y < raster.height; y++) {
    const row = raster.data.subarray(3 * y * raster.width, 3 * (y + 1) * raster.width);
    canvas.data.set(row, 3 * ((top + y) * width + left));
  }
  return canvas;
}
