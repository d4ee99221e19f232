import type { Face } from '../../src/face/face.ts';
import { mean } from './metrics.ts';

/** Faces turned about as far, and the mean of their quality scores. */
export interface QualityBin {
  /** The nose's sideways offset, see {@link noseOffset}: above `from`, up to `to`. */
  readonly from: number;
  readonly to: number;
  readonly faces: number;
  readonly quality: number;
}

/** Where the bins end; 0.4 is about 32° of yaw on the average face. */
const limits = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, Number.POSITIVE_INFINITY];

/** The mean quality of faces that are turned away more and more. @param faces with landmarks and quality */
export function qualityTrend(faces: readonly Face[]): QualityBin[] {
  return limits.map((to, index) => {
    const from = limits[index - 1] ?? 0;
    const members = faces.filter((face) => noseOffset(face) > from && noseOffset(face) <= to);
    return { from, to, faces: members.length, quality: mean(members.map((face) => face.quality!)) };
  });
}

/**
 * The distance of the nose from the middle of the eyes, along the line of the eyes, as a share of
 * the distance between them: a measure of yaw that uses no model of a head.
 */
function noseOffset({ landmarks }: Face): number {
  const [left, right, nose] = landmarks!.five;
  const across = { x: right.x - left.x, y: right.y - left.y };
  const beside = { x: nose.x - (left.x + right.x) / 2, y: nose.y - (left.y + right.y) / 2 };
  return Math.abs(beside.x * across.x + beside.y * across.y) / (across.x ** 2 + across.y ** 2);
}
