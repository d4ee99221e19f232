import type { PhizError } from '../errors.ts';
import type { AttributeName, Face } from '../face/face.ts';
import type { Box } from '../image/geometry.ts';

/**
 * Where faces come from: `primary` is the accurate detector, `light` the fast one; `none` takes
 * the picture itself as a face chip (see {@link Face.chip}).
 */
export type DetectorChoice = 'primary' | 'light' | 'none';

export const facesOrders = ['confidence', 'size'] as const;
/** Which face comes first: the most certain, or the largest. */
export type FacesOrder = (typeof facesOrders)[number];

/**
 * The form in which an aligned face is given: its pixels, a PNG's bytes, or their base64, as a text or as its
 * bytes, which move from thread to thread without a copy.
 */
export type ChipForm = 'pixels' | 'png' | 'base64' | 'base64-bytes';

/** One request about a picture: where to look for faces, and which attributes to compute. */
export interface ExtractOptions {
  /** Default `primary`. */
  readonly detector?: DetectorChoice;
  /** Attributes to compute besides box and confidence. Default: none. */
  readonly attributes?: readonly AttributeName[];
  /** Look only here, in pixels of the upright picture; may reach outside it. */
  readonly region?: Box;
  /** Look at the picture in all four orientations and report each face once. Default false. */
  readonly autoRotate?: boolean;
  /** The form of the attribute `chip`: its pixels, the default; or a PNG file, in one of the other forms. */
  readonly chips?: ChipForm;
  /** Which face comes first: the most certain (the default) or the largest. */
  readonly order?: FacesOrder;
  /** Only so many faces, the first in that order. Default: all. */
  readonly maxFaces?: number;
  /** Only faces whose box has a longer side of so many pixels. Default: all. */
  readonly minSize?: number;
  /** Only faces of this confidence, 0 to 1. Default: all that the detector calls faces. */
  readonly minConfidence?: number;
}

/** Milliseconds spent, by stage; a stage that did not run is absent. */
export type Timings = Partial<
  Record<
    'decode' | 'detect' | 'align' | 'embedding' | 'gender' | 'age' | 'emotions' | 'quality' | 'encode',
    number
  >
>;

/** The answer to one request: the faces, and how they were found. */
export interface Extraction {
  /** Size of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly Face[];
  /** Remarks on the picture's file, as sentences for people: how much of it is missing. Absent where there is nothing. */
  readonly warnings?: readonly string[];
  readonly timings: Timings;
}

/** The answer to one of several requests on a picture; one failing does not fail the others. */
export type Outcome =
  | { readonly ok: true; readonly value: Extraction }
  | { readonly ok: false; readonly error: PhizError };
