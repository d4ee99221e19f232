import type { FivePoints } from '../detect/detector.ts';
import type { Affine, Point } from '../image/geometry.ts';

/**
 * The geometry of a face chip: the one aligned image from which every network's input is cut.
 * All positions follow from where the eyes lie.
 */

/** Width and height of a chip in pixels. */
export const chipSize = 224;

/** Half the distance between the eyes' centres, as a share of the chip's size. */
const eyeHalfDistance = 0.156;

/** Height of the eyes below the chip's upper edge, as a share of the chip's size. */
const eyeHeight = 0.36;

/**
 * Five points of the average face with the eyes at (-1, 0) and (1, 0), from the mean shape of
 * dlib's 68 landmarks (face_chip details in dlib/image_transforms/interpolation.h): centres of
 * the eyes, tip of the nose, corners of the mouth.
 */
const averageFace: FivePoints = [
  { x: -1, y: 0 },
  { x: 1, y: 0 },
  { x: 0, y: 1.1322 },
  { x: -0.8918, y: 2.1321 },
  { x: 0.8918, y: 2.1321 },
];

/** Where the eyes lie in a square crop: shares of its size, the face centred between the eyes. */
export interface EyePlacement {
  readonly eyeHalfDistance: number;
  readonly eyeHeight: number;
}

/** Where the eyes of an aligned face lie in its chip. */
export const chipPlacement: EyePlacement = { eyeHalfDistance, eyeHeight };

/** Distance between the eyes of an aligned face in its chip, in pixels. */
export const chipEyeDistance = 2 * eyeHalfDistance * chipSize;

/** The five points of the average face in a chip, in pixels. */
export const chipPoints: FivePoints = averageFace.map((point) => ({
  x: (0.5 + point.x * eyeHalfDistance) * chipSize,
  y: (eyeHeight + point.y * eyeHalfDistance) * chipSize,
})) as unknown as FivePoints;

/** The map from a picture to the chip of the face with these five points in the picture. */
export function pictureToChip(points: FivePoints): Affine {
  return similarity(points, chipPoints);
}

/**
 * The rotation, uniform scale and shift that bring `from` closest to `to` by least squares
 * (Umeyama 1991, in the plane and without reflection).
 */
export function similarity(from: readonly Point[], to: readonly Point[]): Affine {
  const source = centroid(from);
  const target = centroid(to);
  let dot = 0;
  let cross = 0;
  let variance = 0;
  from.forEach((point, index) => {
    const x = point.x - source.x;
    const y = point.y - source.y;
    const u = to[index]!.x - target.x;
    const v = to[index]!.y - target.y;
    dot += x * u + y * v;
    cross += x * v - y * u;
    variance += x * x + y * y;
  });
  const cos = dot / variance;
  const sin = cross / variance;
  return {
    a: cos,
    b: -sin,
    c: target.x - cos * source.x + sin * source.y,
    d: sin,
    e: cos,
    f: target.y - sin * source.x - cos * source.y,
  };
}

/** The mean of some points. */
export function centroid(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}
