import type { Box } from './geometry.ts';
import type { PartialRaster } from './raster.ts';

/** By how much a view is smaller than its picture on each axis. */
export type Reduction = 1 | 2 | 4 | 8;

/**
 * Pixels of a part of a picture. Raster pixel (x, y) covers the picture's pixels from
 * (left + x·reduction, top + y·reduction) to one `reduction` further on both axes.
 */
export interface View {
  readonly raster: PartialRaster;
  /** Picture coordinates of the raster's corner: multiples of `reduction`. */
  readonly left: number;
  readonly top: number;
  readonly reduction: Reduction;
}

/**
 * A decoded picture, upright (EXIF orientation applied). Codecs that can do so reconstruct
 * only what is asked for; others hold the whole raster. Callers therefore ask for the
 * smallest region and the largest reduction that serves them.
 */
export interface Picture {
  /** Size in pixels at full resolution. */
  readonly width: number;
  readonly height: number;
  /**
   * Pixels that cover at least `region` (clipped to the picture) at `reduction` or finer; the
   * answer says which. The view's raster may be shared between calls: it is read-only.
   */
  view(region: Box, reduction: Reduction): View;
  /** Has time now to decode what views are likely to want: they are the same, and sooner there. */
  ahead?: (() => void) | undefined;
  /** Gives memory back: neither the picture nor any of its views may be looked at again. */
  close?: (() => void) | undefined;
}

/** The largest reduction that leaves at least one pixel for each one wanted. */
export function reductionFor(pixelsPerPixel: number): Reduction {
  if (pixelsPerPixel >= 8) return 8;
  if (pixelsPerPixel >= 4) return 4;
  return pixelsPerPixel >= 2 ? 2 : 1;
}
