import type { PhizError } from '../errors.ts';
import type { AttributeName, Face } from '../face/face.ts';
import type { Affine, Box } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import type { ExtractOptions, Timings } from './extraction.ts';

/**
 * Called between steps that take long (networks, decoding). It says that the work is alive, and
 * throws when the work is to stop.
 */
export type Checkpoint = () => void;

/** A face cut out of its picture: plain data, all that describing it needs. */
export interface AlignedFace {
  /** Integer pixels of the upright picture, inside it. */
  readonly box: Box;
  /** The detector's probability, 0 to 1; 1 where there was no detection. */
  readonly confidence: number;
  /** The aligned face image. */
  readonly chip: Raster;
  /** From the picture's pixels to the chip's. */
  readonly toChip: Affine;
}

/** The faces that one request is about, not yet described. */
export interface Sighting {
  /** Size of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly AlignedFace[];
  readonly timings: Timings;
}

export type FindOutcome =
  | { readonly ok: true; readonly value: Sighting }
  | { readonly ok: false; readonly error: PhizError };

/** Faces described, in the order in which they were given. */
export interface Description {
  readonly faces: readonly Face[];
  readonly timings: Timings;
}

/**
 * One set of loaded networks. The work on a picture comes in two jobs, so that the faces of one
 * picture can be described by several instances at once. Jobs on one instance do not overlap.
 */
export interface Instance {
  /**
   * Decodes a picture (JPEG, PNG or WebP bytes) once and finds the faces of each request: the
   * answers are in the requests' order, and one failing does not fail the others.
   * @throws whatever `checkpoint` throws.
   */
  find(
    picture: Uint8Array,
    requests: readonly ExtractOptions[],
    checkpoint: Checkpoint,
  ): Promise<readonly FindOutcome[]>;
  /** Computes attributes of aligned faces, wherever they were found. @throws PhizError */
  describe(
    faces: readonly AlignedFace[],
    attributes: readonly AttributeName[],
    checkpoint: Checkpoint,
  ): Promise<Description>;
  /** Frees the networks. */
  close(): Promise<void>;
}
