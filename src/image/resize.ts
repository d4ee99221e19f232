import type { Box } from './geometry.ts';
import { type Picture, reductionFor } from './picture.ts';
import type { Raster } from './raster.ts';

/** A rectangle of a planar float tensor: one plane each for red, green and blue. */
export interface PlanarWindow {
  readonly data: Float32Array;
  /** Index of the rectangle's first value in the red plane. */
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  /** Values from a row to the next, and from a plane to the next. */
  readonly rowStride: number;
  readonly planeStride: number;
}

/** The whole image of `width` × `height` that begins at `offset` of an NCHW tensor. */
export function planarImage(data: Float32Array, offset: number, width: number, height: number): PlanarWindow {
  return { data, offset, width, height, rowStride: width, planeStride: width * height };
}

/**
 * Resamples a rectangle of a raster into a tensor, values 0 to 255, with a triangle filter whose
 * support grows with the reduction (so that nothing aliases) and that is plain bilinear
 * interpolation on enlargement. The rectangle may be fractional and reach outside the raster,
 * whose border is repeated there.
 */
export function resizeIntoTensor(raster: Raster, source: Box, target: PlanarWindow): void {
  const columns = tapsOf(source.left, source.right, target.width, raster.width);
  const rows = tapsOf(source.top, source.bottom, target.height, raster.height);
  const firstRow = rows.starts[0] as number;
  const lastRow = (rows.starts[target.height - 1] as number) + rows.count - 1;

  // Horizontally first: `strip` has the source's rows at the target's width.
  const stripWidth = target.width * 3;
  const strip = new Float32Array((lastRow - firstRow + 1) * stripWidth);
  for (let y = firstRow; y <= lastRow; y++) {
    squeezeRow(
      raster,
      Math.min(Math.max(y, 0), raster.height - 1),
      columns,
      strip,
      (y - firstRow) * stripWidth,
    );
  }

  const { data, width, height, rowStride, planeStride } = target;
  for (let y = 0; y < height; y++) {
    const start = ((rows.starts[y] as number) - firstRow) * stripWidth;
    const red = target.offset + y * rowStride;
    const green = red + planeStride;
    const blue = green + planeStride;
    for (let x = 0; x < width; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      let at = start + 3 * x;
      for (let tap = y * rows.count, end = tap + rows.count; tap < end; tap++, at += stripWidth) {
        const weight = rows.weights[tap]!;
        r += weight * strip[at]!;
        g += weight * strip[at + 1]!;
        b += weight * strip[at + 2]!;
      }
      data[red + x] = r;
      data[green + x] = g;
      data[blue + x] = b;
    }
  }
}

/** {@link resizeIntoTensor} from a picture, which is asked for no more pixels than are needed. */
export function resizePictureIntoTensor(picture: Picture, source: Box, target: PlanarWindow): void {
  const scale = Math.min(
    (source.right - source.left) / target.width,
    (source.bottom - source.top) / target.height,
  );
  const { raster, left, top, reduction } = picture.view(source, reductionFor(scale));
  const inView = {
    left: (source.left - left) / reduction,
    top: (source.top - top) / reduction,
    right: (source.right - left) / reduction,
    bottom: (source.bottom - top) / reduction,
  };
  resizeIntoTensor(raster, inView, target);
}

/** For each target pixel the run of source pixels that it sums up: `count` of them. */
interface Taps {
  readonly starts: Int32Array;
  /** `count` weights a pixel; they sum to 1. */
  readonly weights: Float32Array;
  readonly count: number;
}

function tapsOf(from: number, to: number, targetLength: number, sourceLength: number): Taps {
  const scale = (to - from) / targetLength;
  const support = Math.max(1, scale);
  const count = Math.ceil(2 * support) + 1;
  const starts = new Int32Array(targetLength);
  const weights = new Float32Array(targetLength * count);
  for (let index = 0; index < targetLength; index++) {
    const centre = from + (index + 0.5) * scale;
    // Beyond the border every tap is the border's pixel: no need to run further out.
    const start = Math.min(Math.max(Math.ceil(centre - support - 0.5), -count), sourceLength);
    starts[index] = start;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const weight = Math.max(0, 1 - Math.abs(start + tap + 0.5 - centre) / support);
      weights[index * count + tap] = weight;
      sum += weight;
    }
    if (sum === 0) weights[index * count] = sum = 1;
    for (let tap = 0; tap < count; tap++) weights[index * count + tap]! /= sum;
  }
  return { starts, weights, count };
}

/** One row of a raster at the target's width, interleaved RGB. */
function squeezeRow(raster: Raster, y: number, taps: Taps, strip: Float32Array, offset: number): void {
  const { data, width } = raster;
  const { starts, weights, count } = taps;
  const row = y * width * 3;
  let out = offset;
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index]!;
    const tap = index * count;
    let r = 0;
    let g = 0;
    let b = 0;
    if (start >= 0 && start + count <= width) {
      let at = row + 3 * start;
      for (let step = 0; step < count; step++, at += 3) {
        const weight = weights[tap + step]!;
        r += weight * data[at]!;
        g += weight * data[at + 1]!;
        b += weight * data[at + 2]!;
      }
    } else {
      for (let step = 0; step < count; step++) {
        const at = row + 3 * Math.min(Math.max(start + step, 0), width - 1);
        const weight = weights[tap + step]!;
        r += weight * data[at]!;
        g += weight * data[at + 1]!;
        b += weight * data[at + 2]!;
      }
    }
    strip[out++] = r;
    strip[out++] = g;
    strip[out++] = b;
  }
}
