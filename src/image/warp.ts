import { roundUp } from '../../wasm/plane.ts';
import { positionBits } from '../../wasm/warp.ts';
import { type Affine, type Box, compose, intersect, invert, transform } from './geometry.ts';
import { pixelKernels } from './kernels.ts';
import { type Picture, reductionFor } from './picture.ts';
import type { Raster } from './raster.ts';

/** Above this many source pixels per target pixel a single bilinear sample would alias. */
const supersamplingScale = 1.25;

/**
 * A part of a picture under an affine map, bilinearly sampled; beyond the picture its border is
 * repeated. Larger reductions begin from a reduced view, what is left of them (below 2) from
 * four samples a pixel.
 *
 * @param toTarget from the picture's pixels to the target's
 * @param width size of the target in pixels
 */
export function warpPicture(picture: Picture, toTarget: Affine, width: number, height: number): Raster {
  const toPicture = invert(toTarget);
  const scale = Math.sqrt(Math.abs(toPicture.a * toPicture.e - toPicture.b * toPicture.d));
  const { raster, left, top, reduction } = picture.view(
    footprint(toPicture, width, height),
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
  return warp(raster, compose(toView, toPicture), width, height);
}

/**
 * A raster under an affine map.
 *
 * @param toSource from the target's pixels to the raster's
 */
export function warp(raster: Raster, toSource: Affine, width: number, height: number): Raster {
  const scale = Math.sqrt(Math.abs(toSource.a * toSource.e - toSource.b * toSource.d));
  const samples = scale > supersamplingScale ? 2 : 1;
  const whole = { left: 0, top: 0, right: raster.width, bottom: raster.height };
  const part = atLeastAPixel(intersect(footprint(toSource, width, height), whole), raster);
  const columns = part.right - part.left;
  const rows = part.bottom - part.top;

  const kernels = pixelKernels();
  const tableBytes = 4 * 16;
  const target = roundUp(tableBytes, 16);
  const pixels = roundUp(target + 3 * width * height + 1, 16);
  const rowBytes = 3 * columns;
  const buffer = kernels.reserve(pixels + (rows + 1) * rowBytes + 8);
  const bytes = new Uint8Array(buffer);
  for (let y = 0; y < rows; y++) {
    const from = 3 * ((part.top + y) * raster.width + part.left);
    bytes.set(raster.data.subarray(from, from + rowBytes), pixels + y * rowBytes);
  }

  const { a, b, c, d, e, f } = toSource;
  const step = 1 / samples;
  new Int32Array(buffer, 0, tableBytes / 4).set([
    ...[position(a), position(d), 0, 0],
    ...[position(columns - 1), position(rows - 1), 0, 0],
    ...[position(a * step), position(d * step), 0, 0],
    ...[position(b * step), position(e * step), 0, 0],
  ]);
  const warpRow = kernels.warpRow[samples === 2 ? 4 : 1];
  for (let y = 0; y < height; y++) {
    const x = 0.5 * step;
    const down = y + 0.5 * step;
    warpRow(
      0,
      position(a * x + b * down + c - 0.5 - part.left),
      position(d * x + e * down + f - 0.5 - part.top),
      pixels,
      rowBytes,
      width,
      target + 3 * width * y,
    );
  }
  return { width, height, data: bytes.slice(target, target + 3 * width * height) };
}

/** A length in the kernels' units. What is too far away for these lies outside every raster. */
function position(pixels: number): number {
  const farthest = 2 ** 30;
  return Math.min(Math.max(Math.round(pixels * 2 ** positionBits), -farthest), farthest);
}

/** The box, or where it is empty the pixel of the raster that is nearest to it. */
function atLeastAPixel({ left, top, right, bottom }: Box, { width, height }: Raster): Box {
  const x = Math.min(Math.max(left, 0), width - 1);
  const y = Math.min(Math.max(top, 0), height - 1);
  return { left: x, top: y, right: Math.max(right, x + 1), bottom: Math.max(bottom, y + 1) };
}

/** The smallest box around the image of the target's corners, and the neighbours that sampling reads. */
function footprint(toPicture: Affine, width: number, height: number): Box {
  const corners = [
    transform(toPicture, { x: 0, y: 0 }),
    transform(toPicture, { x: width, y: 0 }),
    transform(toPicture, { x: 0, y: height }),
    transform(toPicture, { x: width, y: height }),
  ];
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  return {
    left: Math.floor(Math.min(...xs)) - 1,
    top: Math.floor(Math.min(...ys)) - 1,
    right: Math.ceil(Math.max(...xs)) + 1,
    bottom: Math.ceil(Math.max(...ys)) + 1,
  };
}
