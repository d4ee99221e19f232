import type { Affine } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import { measureBlur } from './blur.ts';
import type { HeadPose } from './face.ts';
import { chipEyeDistance } from './template.ts';

/**
 * The quality of a face image: the logarithm of the probability that it meets every condition of
 * a good one, each condition a logistic curve of what is measured. 0 is perfect; a condition that
 * is met to even odds costs ln 2, and far beyond its limit the score falls in a straight line.
 *
 * The model's card says how the constants were chosen.
 */

/** A condition: the value at even odds, and how much more of it makes the odds worse by e. */
interface Condition {
  readonly limit: number;
  readonly width: number;
}

/** Degrees from looking straight into the camera, either way. */
const yawCondition: Condition = { limit: 30, width: 5 };
const pitchCondition: Condition = { limit: 35, width: 5 };
/** Degrees from upright, either way. */
const rollCondition: Condition = { limit: 35, width: 5 };
/** Pixels by which the chip seems blurred, its own softness included. */
const blurCondition: Condition = { limit: 5, width: 0.8 };
/** ln of 1 / pixels between the eyes in the picture. */
const sizeCondition: Condition = { limit: -Math.log(14), width: 0.3 };
/** ln of the landmarks' spread. */
const spreadCondition: Condition = { limit: Math.log(0.07), width: 0.12 };

/**
 * @param chip the aligned face
 * @param toChip from the picture in which the face was found to the chip
 * @param pose its roll is that in the picture
 * @param spread of the landmarks, see {@link SteadyLandmarks}
 * @returns at most 0
 */
export function faceQuality(chip: Raster, toChip: Affine, pose: HeadPose, spread: number): number {
  const scale = Math.sqrt(Math.abs(toChip.a * toChip.e - toChip.b * toChip.d));
  return (
    logProbability(Math.abs(pose.yaw), yawCondition) +
    logProbability(Math.abs(pose.pitch), pitchCondition) +
    logProbability(Math.abs(pose.roll), rollCondition) +
    logProbability(measureBlur(chip), blurCondition) +
    logProbability(Math.log(scale / chipEyeDistance), sizeCondition) +
    logProbability(Math.log(spread), spreadCondition)
  );
}

/** ln of the logistic probability that a condition holds. */
function logProbability(value: number, { limit, width }: Condition): number {
  const excess = (value - limit) / width;
  return -(Math.max(excess, 0) + Math.log1p(Math.exp(-Math.abs(excess))));
}
