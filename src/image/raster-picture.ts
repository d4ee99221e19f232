import { halvedPixels } from '../../wasm/resample.ts';
import type { Box } from './geometry.ts';
import { pixelKernels } from './kernels.ts';
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
export function halve({ width, height, data }: Raster): Raster {
  const target = createRaster((width + 1) >> 1, (height + 1) >> 1);
  const kernels = pixelKernels();
  const blocks = Math.ceil(target.width / halvedPixels);
  const rowBytes = 6 * halvedPixels * blocks;
  const result = 2 * rowBytes;
  const bytes = new Uint8Array(kernels.reserve(result + 3 * halvedPixels * blocks + 4));
  const load = (row: number, address: number) => {
    const end = address + 3 * width;
    bytes.set(data.subarray(3 * width * row, 3 * width * (row + 1)), address);
    bytes.copyWithin(end, end - 3, end);
  };
  for (let y = 0; y < target.height; y++) {
    load(2 * y, 0);
    load(Math.min(2 * y + 1, height - 1), rowBytes);
    kernels.halveRow(0, rowBytes, result, blocks);
    target.data.set(bytes.subarray(result, result + 3 * target.width), 3 * target.width * y);
  }
  return target;
}
