import type { Box, Point } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import type { GatedOutputs, Tensor } from '../nn/network.ts';
import type { FaceSizes } from './plan.ts';
import type { Sightings } from './sightings.ts';

/** The five points of alignment, as seen in the picture: the viewer's left eye comes first. */
export type FivePoints = readonly [
  leftEye: Point,
  rightEye: Point,
  nose: Point,
  leftMouth: Point,
  rightMouth: Point,
];

/** The points that a BlazeFace gives, as seen in the picture: the viewer's left comes first. */
export type SixPoints = readonly [
  leftEye: Point,
  rightEye: Point,
  nose: Point,
  mouth: Point,
  leftEar: Point,
  rightEar: Point,
];

/** A face found in a picture. */
export interface Detection {
  /** In pixels of the whole picture; may reach past its edges. */
  readonly box: Box;
  /** The detector's own probability that this is a face, 0 to 1. */
  readonly confidence: number;
  /** Where the detector knows them, in pixels of the whole picture. */
  readonly points?: FivePoints;
  /** Where a BlazeFace looked, in pixels of the whole picture: on most faces within 0.15 of the eyes' distance. */
  readonly sixPoints?: SixPoints;
}

/** Finds faces. */
export interface Detector {
  /** Faces whose box meets `region` (pixels of the picture), most confident first, overlaps removed. */
  detect(picture: Picture, region: Box): Promise<Detection[]>;
}

/** Networks that are read alike: their manifests name the family. */
export const detectorFamilyNames = ['ssd-mobilenet', 'yunet', 'scrfd', 'blazeface', 'ultra-light'] as const;
export type DetectorFamilyName = (typeof detectorFamilyNames)[number];

/**
 * The box around a face, from brow to chin, as a family's own box tells it (measured on the same faces):
 * how far its centre is further down, in heights of the own one, and by what width and height are to
 * be multiplied.
 */
export interface Outline {
  readonly down: number;
  readonly width: number;
  readonly height: number;
}

/**
 * What is seen of faces in the outputs for one image, in input pixels.
 *
 * @param outputs in the graph's order
 * @param size of the input in pixels
 * @param threshold least confidence, 0 to 1
 * @throws TypeError where the outputs are not those of the family.
 */
export type Decode = (
  outputs: Readonly<Record<string, Tensor>>,
  size: { readonly width: number; readonly height: number },
  threshold: number,
) => Sightings;

/** The facts and the decoder that networks of a family share. */
export interface DetectorFamily {
  /** Where its boxes differ from what other families draw around a face: see {@link Outline}. */
  readonly outline?: Outline;
  /**
   * Longer sides of boxes between which faces are found reliably, in input pixels: measured, see
   * the model cards.
   */
  readonly reliable: FaceSizes;
  /** Least confidence of what is called a face unless another is set: measured, as above. */
  readonly confidence: number;
  readonly decode: Decode;
  /**
   * The outputs that tell of faces of the smallest reliable sizes, and what reads those alone: a close look at one
   * needs no others. A network may lack them.
   */
  readonly smallest?: { readonly outputs: readonly string[]; readonly decode: Decode };
  /** The outputs that {@link decode} reads at some cells alone, for a threshold. */
  readonly gates?: (threshold: number) => readonly GatedOutputs[];
}
