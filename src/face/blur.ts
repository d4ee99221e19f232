import type { Raster } from '../image/raster.ts';
import { chipSize } from './template.ts';

/** Standard deviations of the two Gaussian filters, in pixels. */
const fine = 1;
const coarse = 3;

/** No blur beyond this is told apart: a chip without any detail has it. */
const mostBlur = 20;

/** The part of a chip from the brows to the chin: there the face is, whatever its pose. */
const inner = { left: 50, top: 60, right: 174, bottom: 190 };

/**
 * The blur of a chip: the standard deviation, in chip pixels, of the Gaussian that would
 * blur as much. 0 to 20; about 2 for a sharp face.
 *
 * In photographs power falls with the square of spatial frequency (Field 1987). Of such a picture,
 * blurred by σ and filtered by a Gaussian s, the gradient's energy is proportional to
 * 1 / (σ² + s²); two filters tell σ, whatever the contrast.
 */
export function measureBlur(chip: Raster): number {
  planes ??= { luma: planeOfChip(), rows: planeOfChip(), smooth: planeOfChip() };
  const { luma } = planes;
  fillLuma(luma, chip);
  const fineEnergy = gradientEnergy(smoothed(luma, fine, planes));
  const ratio = fineEnergy > 0 ? gradientEnergy(smoothed(luma, coarse, planes)) / fineEnergy : 1;
  const variance = (ratio * coarse ** 2 - fine ** 2) / (1 - ratio);
  return ratio < 1 ? Math.min(Math.sqrt(Math.max(0, variance)), mostBlur) : mostBlur;
}

/** A chip's planes: its luma, that with a filter along its rows, and along its columns too. */
type Planes = Readonly<Record<'luma' | 'rows' | 'smooth', Float32Array>>;

const planeOfChip = () => new Float32Array(chipSize * chipSize);

/** Those of the last chip, for the next one: made anew for each they would be a megabyte a face. */
let planes: Planes | undefined;

/** Writes the luma (ITU-R BT.601) of each pixel of a chip. */
function fillLuma(luma: Float32Array, { data }: Raster): void {
  for (let pixel = 0, at = 0; pixel < luma.length; pixel++, at += 3) {
    luma[pixel] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  }
}

/** A chip's plane under a Gaussian, right in the inner part and one pixel around it: it is written into `smooth`. */
function smoothed(plane: Float32Array, sigma: number, { rows, smooth }: Planes): Float32Array {
  const reach = Math.ceil(3 * sigma);
  const kernel = Float32Array.from({ length: 2 * reach + 1 }, (_, tap) =>
    Math.exp(-((tap - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  for (let tap = 0; tap < kernel.length; tap++) kernel[tap]! /= sum;
  convolve(plane, kernel, 1, reach, rows);
  convolve(rows, kernel, chipSize, 0, smooth);
  return smooth;
}

/**
 * @param step from a pixel to the next along the kernel: 1 across, a row's length down
 * @param margin rows above and below the inner part that are needed too
 */
function convolve(
  plane: Float32Array,
  kernel: Float32Array,
  step: number,
  margin: number,
  result: Float32Array,
): void {
  const start = -((kernel.length - 1) / 2) * step;
  for (let y = inner.top - 1 - margin; y <= inner.bottom + margin; y++) {
    for (let x = inner.left - 1; x <= inner.right; x++) {
      const pixel = y * chipSize + x;
      let sum = 0;
      for (let tap = 0, at = pixel + start; tap < kernel.length; tap++, at += step) {
        sum += kernel[tap]! * plane[at]!;
      }
      result[pixel] = sum;
    }
  }
}

/** The sum of squared central differences over the inner part. */
function gradientEnergy(plane: Float32Array): number {
  let energy = 0;
  for (let y = inner.top; y < inner.bottom; y++) {
    for (let x = inner.left; x < inner.right; x++) {
      const pixel = y * chipSize + x;
      const across = plane[pixel + 1]! - plane[pixel - 1]!;
      const down = plane[pixel + chipSize]! - plane[pixel - chipSize]!;
      energy += across * across + down * down;
    }
  }
  return energy;
}
