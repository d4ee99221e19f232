import { invert, type Point, transform } from '../image/geometry.ts';
import type { ImageNetwork } from '../nn/batch.ts';
import type { AlignedFace, HeadPose } from './face.ts';
import { headPose, pictureRoll } from './head-pose.ts';
import { faceQuality } from './quality.ts';
import { type SteadyLandmarks, steadyLandmarks } from './steady-landmarks.ts';

/** Landmarks of a face, and the pose and quality computed from them. */
export interface Assessment {
  /** The 68 landmarks in pixels of the picture. */
  readonly landmarks: readonly Point[];
  /** The roll is that in the picture. */
  readonly headPose: HeadPose;
  /** See {@link Face.quality}. */
  readonly quality: number;
  /** Dependence of the landmarks on the view of the chip: see {@link SteadyLandmarks.spread}. */
  readonly spread: number;
}

/** Landmarks, head pose and quality of aligned faces: from their chips, and from where these were cut. */
export async function assess(landmarker: ImageNetwork, faces: readonly AlignedFace[]): Promise<Assessment[]> {
  const seen = await steadyLandmarks(
    landmarker,
    faces.map(({ chip }) => chip),
  );
  return faces.map(({ chip, toChip, quality }, index) => {
    const { points, spread } = seen[index]!;
    const inChip = headPose(points);
    const pose = { ...inChip, roll: pictureRoll(inChip.roll, toChip) };
    const toPicture = invert(toChip);
    return {
      landmarks: points.map((point) => transform(toPicture, point)),
      headPose: pose,
      quality: quality ?? faceQuality(chip, toChip, pose, spread),
      spread,
    };
  });
}
