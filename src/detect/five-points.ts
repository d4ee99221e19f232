import type { Point } from '../image/geometry.ts';

/**
 * Five points out of ten offsets from an anchor (x and y of the viewer's left eye, right eye,
 * nose, left and right corner of the mouth), in strides.
 *
 * @param row index of the ten among the rows of `offsets`
 */
export function pointsAt(
  offsets: Float32Array,
  row: number,
  anchorX: number,
  anchorY: number,
  stride: number,
): Point[] {
  return [0, 2, 4, 6, 8].map((at) => ({
    x: anchorX + offsets[10 * row + at]! * stride,
    y: anchorY + offsets[10 * row + at + 1]! * stride,
  }));
}
