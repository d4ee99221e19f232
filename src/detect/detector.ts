import type { Box, Point } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';

/** The five points of alignment, as seen in the picture: the viewer's left eye comes first. */
export type FivePoints = readonly [
  leftEye: Point,
  rightEye: Point,
  nose: Point,
  leftMouth: Point,
  rightMouth: Point,
];

/** A face found in a picture. */
export interface Detection {
  /** In pixels of the whole picture; may reach past its edges. */
  readonly box: Box;
  /** The detector's own probability that this is a face, 0 to 1. */
  readonly confidence: number;
  /** Where the detector knows them, in pixels of the whole picture. */
  readonly points?: FivePoints;
}

/** Finds faces. One implementation per family of networks. */
export interface Detector {
  /**
   * Faces whose box's centre lies inside `region` (pixels of the picture), most confident first,
   * overlaps removed.
   */
  detect(picture: Picture, region: Box): Promise<Detection[]>;
}
