import type { Box } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import { planarImage, resizeIntoTensor } from '../image/resize.ts';
import { chipPlacement, chipSize, type EyePlacement } from './template.ts';

/** What a network that looks at a face wants to see: a square RGB crop of the chip, 0 to 255. */
export interface FaceInput {
  /** Name of the network's input. */
  readonly name: string;
  /** Width and height in pixels. */
  readonly size: number;
  readonly placement: EyePlacement;
}

/**
 * Writes the crop of a chip that a network wants to see as 3 × size × size floats at `offset` of
 * `data`; what lies outside the chip repeats its border.
 */
export function cropInto(chip: Raster, input: FaceInput, data: Float32Array, offset: number): void {
  resizeIntoTensor(chip, cropBox(input.placement), planarImage(data, offset, input.size, input.size));
}

/** Mirrors a planar 3 × size × size image left to right, in place. */
export function mirror(data: Float32Array, offset: number, size: number): void {
  for (let row = 0; row < 3 * size; row++) {
    const start = offset + row * size;
    data.subarray(start, start + size).reverse();
  }
}

/** The square of a chip in which the eyes lie as wanted, in chip pixels; may reach outside it. */
function cropBox(placement: EyePlacement): Box {
  const side = (chipPlacement.eyeHalfDistance * chipSize) / placement.eyeHalfDistance;
  const left = (chipSize - side) / 2;
  const top = chipPlacement.eyeHeight * chipSize - placement.eyeHeight * side;
  return { left, top, right: left + side, bottom: top + side };
}
