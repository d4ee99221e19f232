import type { FaceSizes } from '../detect/plan.ts';
import type { Manifest } from './manifest.ts';

/** Scales of cosines: the one that FindFace's clients expect, or the networks' own. */
export const facenScales = ['findface', 'native'] as const;
export type FacenScale = (typeof facenScales)[number];

/** The settings of every instance of an engine. Plain data, so that they can go to a thread. */
export interface InstanceSettings {
  /** The longest side of a picture in pixels; larger ones are refused before they are decoded. */
  readonly maxDimension: number;
  /** The most pixels of a picture; more are refused before they are decoded. */
  readonly maxPixels: number;
  /** True where pictures are turned upright as their metadata says. */
  readonly exifOrientation: boolean;
  /** True where a picture that is cut off or damaged is looked at if at least half is there, instead of refused. */
  readonly partialImages: boolean;
  /** Least detection confidence of a face that is reported, 0 to 1; default: the detector's own. */
  readonly minConfidence?: number;
  /** Sizes of faces in picture pixels for which detection is guaranteed. */
  readonly faces: FaceSizes;
  /** On which scale embeddings are compared, where it was measured for their networks. */
  readonly facenScale: FacenScale;
  /** The network of each role. */
  readonly models: ModelIds;
  /** The networks among them that do not ship with phiz. */
  readonly manifests: readonly Manifest[];
}

/**
 * The id of a network for each role; `default` is what phiz ships for it, '' switches it off. Of
 * several for the emotions the mean is taken; the vectors of several embeddings follow one another.
 */
export interface ModelIds extends AttributeModels {
  readonly detector: string;
  readonly lightDetector: string;
}

/** The networks of each attribute. */
export interface AttributeModels {
  readonly embedding: string | readonly string[];
  readonly gender: string;
  readonly age: string;
  readonly emotions: string | readonly string[];
}

export const defaultSettings: InstanceSettings = {
  maxDimension: 16_384,
  maxPixels: 100_000_000,
  exifOrientation: true,
  partialImages: true,
  faces: { least: 30, most: Number.POSITIVE_INFINITY },
  facenScale: 'findface',
  models: {
    detector: 'default',
    lightDetector: 'default',
    embedding: 'default',
    gender: 'default',
    age: 'default',
    emotions: 'default',
  },
  manifests: [],
};
