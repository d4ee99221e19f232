import { type Affine, invert, type Point } from '../image/geometry.ts';
import type { HeadPose } from './face.ts';
import { centroid } from './template.ts';

type Vector = readonly [x: number, y: number, z: number];

/**
 * The average face at landmarks that hardly move with expression, by their index in the 68-point
 * annotation of iBUG 300-W: x to the viewer's right, y downwards, z away from the viewer, in
 * centimetres from the axis of the head. Seen from the front they are dlib's mean shape (the one
 * of the chip's template); the depths are those of MediaPipe's canonical face model at the
 * vertices nearest to them.
 */
export const averageFace: readonly (readonly [landmark: number, position: Vector])[] = [
  // Bridge and tip of the nose.
  [27, [0, -2.82, -5.51]],
  [28, [0, -1.57, -6.32]],
  [29, [0, -0.32, -7.24]],
  [30, [0, 0.95, -7.48]],
  // Base of the nose.
  [31, [-1.49, 1.82, -5.24]],
  [32, [-0.77, 2.09, -5.87]],
  [33, [0, 2.31, -6.06]],
  [34, [0.77, 2.09, -5.87]],
  [35, [1.49, 1.82, -5.24]],
  // Corners of the eyes.
  [36, [-4.45, -2.66, -3.17]],
  [39, [-1.88, -2.48, -3.76]],
  [42, [1.88, -2.48, -3.76]],
  [45, [4.45, -2.66, -3.17]],
  // Corners of the mouth.
  [48, [-2.85, 4.15, -4.28]],
  [54, [2.85, 4.15, -4.28]],
];

const shape = centred(averageFace.map(([, position]) => position));
const inverseScatter = invertSymmetric(scatter(shape));

/**
 * The head pose of a face from its 68 landmarks in any square-pixel image: yaw and pitch are
 * relative to the viewer, roll is relative to the image.
 *
 * The affine map from the average face to the landmarks (least squares) is brought to the nearest
 * rotation times a scale: a camera far away (weak perspective, as in POS: DeMenthon & Davis 1995).
 * The rotation is roll · yaw · pitch: the head nods, then turns, then the image is rolled, so that
 * turning the image changes the roll alone.
 */
export function headPose(landmarks: readonly Point[]): HeadPose {
  const seen = averageFace.map(([landmark]) => landmarks[landmark]!);
  const centre = centroid(seen);
  const across: [number, number, number] = [0, 0, 0];
  const down: [number, number, number] = [0, 0, 0];
  seen.forEach((point, index) => {
    const position = shape[index]!;
    for (let axis = 0; axis < 3; axis++) {
      across[axis]! += (point.x - centre.x) * position[axis]!;
      down[axis]! += (point.y - centre.y) * position[axis]!;
    }
  });
  const [first, second] = nearestOrthonormal(
    multiply(inverseScatter, across),
    multiply(inverseScatter, down),
  );
  const third = cross(first, second);
  const roll = Math.atan2(second[0], first[0]);
  return {
    // The direction in which the face looks is the z axis turned round: the rotation's third column, negated.
    yaw: degrees(Math.atan2(-(first[2] * Math.cos(roll) + second[2] * Math.sin(roll)), third[2])),
    pitch: degrees(Math.asin(clampUnit(second[2] * Math.cos(roll) - first[2] * Math.sin(roll)))),
    roll: degrees(roll),
  };
}

/** The roll of a face in its picture: degrees clockwise, above -180 and at most 180. */
export function pictureRoll(rollInChip: number, toChip: Affine): number {
  const { a, d } = invert(toChip);
  const roll = rollInChip + degrees(Math.atan2(d, a));
  return roll - 360 * Math.ceil((roll - 180) / 360);
}

/** The two orthogonal unit vectors that are nearest to two vectors but for a common scale. */
function nearestOrthonormal(first: Vector, second: Vector): [Vector, Vector] {
  // (M · Mᵀ)^(-1/2) · M for the 2×3 matrix M of both, by the closed form of a 2×2 square root.
  const p = dot(first, first);
  const q = dot(second, second);
  const r = dot(first, second);
  const root = Math.sqrt(Math.max(p * q - r * r, Number.MIN_VALUE));
  const scale = 1 / (root * Math.sqrt(p + q + 2 * root));
  const combine = (weight: number, u: Vector, other: number, v: Vector): Vector => [
    scale * (weight * u[0] - other * v[0]),
    scale * (weight * u[1] - other * v[1]),
    scale * (weight * u[2] - other * v[2]),
  ];
  return [combine(q + root, first, r, second), combine(p + root, second, r, first)];
}

function centred(positions: readonly Vector[]): Vector[] {
  const mean = [0, 1, 2].map((axis) => positions.reduce((sum, p) => sum + p[axis]!, 0) / positions.length);
  return positions.map(([x, y, z]) => [x - mean[0]!, y - mean[1]!, z - mean[2]!]);
}

/** Sums of products of the coordinates: xx, xy, xz, yy, yz, zz. */
type Symmetric = readonly [number, number, number, number, number, number];

function scatter(positions: readonly Vector[]): Symmetric {
  const sums: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0];
  for (const [x, y, z] of positions) {
    sums[0] += x * x;
    sums[1] += x * y;
    sums[2] += x * z;
    sums[3] += y * y;
    sums[4] += y * z;
    sums[5] += z * z;
  }
  return sums;
}

function invertSymmetric([xx, xy, xz, yy, yz, zz]: Symmetric): Symmetric {
  const a = yy * zz - yz * yz;
  const b = xz * yz - xy * zz;
  const c = xy * yz - xz * yy;
  const determinant = xx * a + xy * b + xz * c;
  return [
    a / determinant,
    b / determinant,
    c / determinant,
    (xx * zz - xz * xz) / determinant,
    (xy * xz - xx * yz) / determinant,
    (xx * yy - xy * xy) / determinant,
  ];
}

function multiply([xx, xy, xz, yy, yz, zz]: Symmetric, [x, y, z]: Vector): Vector {
  return [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z];
}

function dot(u: Vector, v: Vector): number {
  return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
}

function cross(u: Vector, v: Vector): Vector {
  return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
}

function clampUnit(value: number): number {
  return Math.min(1, Math.max(-1, value));
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
