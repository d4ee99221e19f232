import { roundUp } from '../../wasm/plane.ts';
import { cubicWeights, madeTogether, positionBits, warpTableBytes, writtenBehind } from '../../wasm/warp.ts';
import { type Affine, type Box, compose, intersect, invert, transform, wholeOf } from './geometry.ts';
import { pixelKernels } from './kernels.ts';
import { type Picture, reductionFor } from './picture.ts';
import { copyPixels, type PartialRaster, placeFor, type Raster } from './raster.ts';

/** Above this many source pixels per target pixel a single bilinear sample would alias. */
const supersamplingScale = 1.25;

/**
 * What is read between pixels: a bilinear patch, or a bicubic one, which keeps more of what an enlarged
 * picture shows and costs twice as much. A picture that is reduced is the same under both.
 */
export type Interpolation = 'linear' | 'cubic';

/**
 * A part of a picture under an affine map; beyond the picture its border is repeated. Larger
 * reductions begin from a reduced view, what is left of them (below 2) from four samples a pixel.
 *
 * @param toTarget from the picture's pixels to the target's
 * @param width size of the target in pixels
 */
export function warpPicture(
  picture: Picture,
  toTarget: Affine,
  width: number,
  height: number,
  interpolation: Interpolation = 'linear',
): Raster {
  const { raster, toSource } = sourceOfWarp(picture, toTarget, width, height);
  return warp(raster, toSource, width, height, interpolation);
}

/** What {@link warp} is given for a part of a picture: see {@link warpPicture}. */
export function sourceOfWarp(
  picture: Picture,
  toTarget: Affine,
  width: number,
  height: number,
): { raster: PartialRaster; toSource: Affine } {
  const toPicture = invert(toTarget);
  const scale = Math.sqrt(Math.abs(toPicture.a * toPicture.e - toPicture.b * toPicture.d));
  const { raster, left, top, reduction } = picture.view(
    seenByWarp(toPicture, width, height),
    reductionFor(scale),
  );
  const toView = {
    a: 1 / reduction,
    b: 0,
    c: -left / reduction,
    d: 0,
    e: 1 / reduction,
    f: -top / reduction,
  };
  return { raster, toSource: compose(toView, toPicture) };
}

/**
 * A raster under an affine map.
 *
 * @param toSource from the target's pixels to the raster's
 */
export function warp(
  raster: PartialRaster,
  toSource: Affine,
  width: number,
  height: number,
  interpolation: Interpolation = 'linear',
): Raster {
  const warped = lentWarp(raster, toSource, width, height, interpolation);
  return { width, height, data: warped.data.slice() };
}

/** The same, whose pixels lie in the kernels' memory: whatever uses that next may overwrite them. */
export function lentWarp(
  raster: PartialRaster,
  toSource: Affine,
  width: number,
  height: number,
  interpolation: Interpolation = 'linear',
): Raster {
  const scale = Math.sqrt(Math.abs(toSource.a * toSource.e - toSource.b * toSource.d));
  const samples = scale > supersamplingScale ? 2 : 1;
  const cubic = interpolation === 'cubic' && samples === 1;
  const kind = cubic ? 'cubic' : samples === 2 ? 4 : 1;
  /** Pixels around the part that the kernel reads as well. */
  const border = cubic ? 1 : 0;
  const part = atLeastAPixel(intersect(seenByWarp(toSource, width, height), wholeOf(raster)), raster);
  const columns = part.right - part.left;
  const rows = part.bottom - part.top;

  const kernels = pixelKernels();
  const weights = cubic ? cubicWeights : new Int16Array();
  const starts = warpTableBytes + weights.byteLength;
  const target = starts + 8 * height;
  const pixels = roundUp(target + 3 * width * height + writtenBehind, 16);
  const read = {
    left: part.left - border,
    top: part.top - border,
    right: part.right + border,
    bottom: part.bottom + border,
  };
  const place = placeFor(raster, read, pixels);
  const buffer = kernels.reserve(place.at + (rows + 2 * border + 1) * place.rowBytes + 8);
  const bytes = new Uint8Array(buffer);
  copyPixels(raster, read, bytes, place);

  const { a, b, c, d, e, f } = toSource;
  const step = 1 / samples;
  new Int32Array(buffer, 0, warpTableBytes / 4).set([
    ...twice(madeTogether[kind] * position(a), madeTogether[kind] * position(d)),
    ...twice(position(columns - 1), position(rows - 1)),
    ...twice(position(b * step), position(e * step)),
    ...[0, 0, position(a * step), position(d * step)],
  ]);
  new Int16Array(buffer, warpTableBytes, weights.length).set(weights);
  const firstSamples = new Int32Array(buffer, starts, 2 * height);
  const x = 0.5 * step;
  for (let row = 0; row < height; row++) {
    const y = row + 0.5 * step;
    firstSamples[2 * row] = position(a * x + b * y + c - 0.5 - part.left);
    firstSamples[2 * row + 1] = position(d * x + e * y + f - 0.5 - part.top);
  }
  kernels.warpRows[kind](0, starts, height, place.at, place.rowBytes, width, target);
  return { width, height, data: bytes.subarray(target, target + 3 * width * height) };
}

const twice = (x: number, y: number): number[] => [x, y, x, y];

/** A length in the kernels' units. What is too far away for these lies outside every raster. */
function position(pixels: number): number {
  const farthest = 2 ** 30;
  return Math.min(Math.max(Math.round(pixels * 2 ** positionBits), -farthest), farthest);
}

/** The box, or where it is empty the pixel of the raster that is nearest to it. */
export function atLeastAPixel({ left, top, right, bottom }: Box, { width, height }: Raster): Box {
  const x = Math.min(Math.max(left, 0), width - 1);
  const y = Math.min(Math.max(top, 0), height - 1);
  return { left: x, top: y, right: Math.max(right, x + 1), bottom: Math.max(bottom, y + 1) };
}

/** The smallest box around the image of the target's corners, and the two neighbours that sampling reads. */
export function seenByWarp(toPicture: Affine, width: number, height: number): Box {
  const corners = [
    transform(toPicture, { x: 0, y: 0 }),
    transform(toPicture, { x: width, y: 0 }),
    transform(toPicture, { x: 0, y: height }),
    transform(toPicture, { x: width, y: height }),
  ];
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  return {
    left: Math.floor(Math.min(...xs)) - 2,
    top: Math.floor(Math.min(...ys)) - 2,
    right: Math.ceil(Math.max(...xs)) + 2,
    bottom: Math.ceil(Math.max(...ys)) + 2,
  };
}
