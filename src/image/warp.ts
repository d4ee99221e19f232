import { type Affine, type Box, compose, invert, transform } from './geometry.ts';
import { type Picture, reductionFor } from './picture.ts';
import { createRaster, type Raster } from './raster.ts';

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
  const target = createRaster(width, height);
  const sums = new Float32Array(3);
  let out = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sums.fill(0);
      for (let v = 0; v < samples; v++) {
        for (let u = 0; u < samples; u++) {
          const targetX = x + (u + 0.5) / samples;
          const targetY = y + (v + 0.5) / samples;
          addSample(
            raster,
            toSource.a * targetX + toSource.b * targetY + toSource.c,
            toSource.d * targetX + toSource.e * targetY + toSource.f,
            sums,
          );
        }
      }
      const share = 1 / (samples * samples);
      target.data[out++] = sums[0]! * share + 0.5;
      target.data[out++] = sums[1]! * share + 0.5;
      target.data[out++] = sums[2]! * share + 0.5;
    }
  }
  return target;
}

/** Adds the bilinear sample at a position (pixel centres at halves) to the sums of red, green and blue. */
function addSample(raster: Raster, x: number, y: number, sums: Float32Array): void {
  const { data, width, height } = raster;
  const column = Math.min(Math.max(x - 0.5, 0), width - 1);
  const row = Math.min(Math.max(y - 0.5, 0), height - 1);
  const left = Math.floor(column);
  const top = Math.floor(row);
  const alongX = column - left;
  const alongY = row - top;
  const right = left + 1 < width ? 3 : 0;
  const below = top + 1 < height ? 3 * width : 0;
  const at = 3 * (top * width + left);
  for (let channel = 0; channel < 3; channel++) {
    const corner = at + channel;
    const upper = data[corner]! + (data[corner + right]! - data[corner]!) * alongX;
    const lower = data[corner + below]! + (data[corner + below + right]! - data[corner + below]!) * alongX;
    sums[channel]! += upper + (lower - upper) * alongY;
  }
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
