import { halvedPixels } from '../../wasm/resample.ts';
import type { Box } from './geometry.ts';
import { pixelKernels } from './kernels.ts';
import type { Picture, Reduction, View } from './picture.ts';
import { copyPixels, createRaster, freeBytes, likewise, placeFor, type Raster } from './raster.ts';

/**
 * A picture whose pixels are all in memory. A reduced view is the box average of the whole
 * raster, made on first use and kept.
 *
 * @param rasterOf makes the rasters of reduced views, of which every pixel is written
 */
export function rasterPicture(raster: Raster, rasterOf = createRaster): Picture {
  const views = new Map<Reduction, View>([[1, { raster, left: 0, top: 0, reduction: 1 }]]);
  const view = (reduction: Reduction): View => {
    const known = views.get(reduction);
    if (known) return known;
    // Each level halves the one before it: a quarter of the reading, and rounding stays below one step.
    const finer = view((reduction / 2) as Reduction);
    const made: View = { raster: halve(finer.raster, rasterOf), left: 0, top: 0, reduction };
    views.set(reduction, made);
    return made;
  };
  return {
    width: raster.width,
    height: raster.height,
    view: (_region: Box, reduction: Reduction) => view(reduction),
  };
}

/** Bytes of source rows, about, that are halved at a time: they stay in the first caches. */
const bandBytes = 32768;

/** The average of every 2×2 pixels. An odd last column or row is averaged with itself. */
export function halve(raster: Raster, rasterOf = createRaster): Raster {
  const target = rasterOf((raster.width + 1) >> 1, (raster.height + 1) >> 1);
  const kernels = pixelKernels();
  const blocks = Math.ceil(target.width / halvedPixels);
  const rowBytes = 3 * target.width;
  const bandRows = Math.min(target.height, Math.ceil(bandBytes / (4 * rowBytes)));
  const width = 2 * target.width;
  const pixels = freeBytes + bandRows * rowBytes + 3 * halvedPixels + 4;
  const sourceRow = placeFor(raster, { left: 0, top: 0, right: width, bottom: 0 }, pixels).rowBytes;
  const bytes = new Uint8Array(
    kernels.reserve(pixels + freeBytes + 2 * bandRows * sourceRow + 6 * halvedPixels + 4),
  );
  for (let y = 0; y < target.height; y += bandRows) {
    const rows = Math.min(bandRows, target.height - y);
    const source = { left: 0, top: 2 * y, right: width, bottom: 2 * (y + rows) };
    const place = placeFor(raster, source, pixels);
    copyPixels(raster, source, bytes, place);
    const halved = likewise(0, target.data.byteOffset + y * rowBytes);
    kernels.halveRows(place.at, place.rowBytes, rows, blocks, halved, rowBytes);
    target.data.set(bytes.subarray(halved, halved + rows * rowBytes), y * rowBytes);
  }
  return target;
}
