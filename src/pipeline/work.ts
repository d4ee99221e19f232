import type { PhizError } from '../errors.ts';
import type { AlignedFace, AttributeName, Face } from '../face/face.ts';
import type { DecodedPicture } from '../image/decode.ts';
import type { Pass, Share } from '../nn/shared-pass.ts';
import type { ChipForm, Extraction, ExtractOptions, Timings } from './extraction.ts';

/**
 * Called between steps that take long (networks, decoding). It says that the work is alive, and
 * throws when the work is to stop.
 */
export type Checkpoint = () => void;

/** {@link LocatedFaces}, with what is to be said of the picture's file. */
export type Located = LocatedFaces & Pick<Extraction, 'warnings'>;

/** The faces of one request: aligned where they are still to be described, else complete. */
export type LocatedFaces = {
  /** Size of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  readonly timings: Timings;
} & (
  | { readonly aligned: true; readonly faces: readonly AlignedFace[] }
  | { readonly aligned: false; readonly faces: readonly Face[] }
);

export type LocatedOutcome =
  | { readonly ok: true; readonly value: Located }
  | { readonly ok: false; readonly error: PhizError };

/** A picture that was decoded, for requests to come. */
export interface OpenPicture {
  readonly picture: DecodedPicture;
  readonly timings: Timings;
}

/** Faces described, in the order in which they were given. */
export interface Described {
  readonly faces: readonly Face[];
  readonly timings: Timings;
}

/**
 * One set of networks and the work it does: everything that must happen in one thread. The work on
 * a picture comes in several jobs, so that several instances can describe the faces of one picture at
 * once, and pictures take turns. Jobs on one instance do not overlap.
 */
export interface Instance {
  /** Loads every enabled network. @returns the backend of each, by the network's id: see `Network.runsOn` */
  ready(): Promise<Record<string, string>>;
  /**
   * Decodes a picture.
   * @param picture the bytes of its file
   * @param requests the requests that will be made on it
   * @throws PhizError of the picture; whatever `checkpoint` throws.
   */
  open(
    picture: Uint8Array,
    requests: readonly ExtractOptions[],
    checkpoint: Checkpoint,
  ): Promise<OpenPicture>;
  /**
   * Finds the faces of each request in a picture, which is opened first where it is not: the answers
   * are in the requests' order, and one failing spares the others.
   * @throws whatever `checkpoint` throws.
   */
  locate(
    picture: Uint8Array | OpenPicture,
    requests: readonly ExtractOptions[],
    checkpoint: Checkpoint,
  ): Promise<readonly LocatedOutcome[]>;
  /** Computes what was asked for of faces found by {@link locate}, by this instance or another. */
  describe(
    faces: readonly AlignedFace[],
    attributes: readonly AttributeName[],
    checkpoint: Checkpoint,
    chips?: ChipForm,
  ): Promise<Described>;
  /** A share of a pass of another instance, which shares its own with those that have nothing to do. */
  help(pass: Pass, checkpoint: Checkpoint): Promise<readonly Share[]>;
  /** Frees the networks. */
  close(): Promise<void>;
}
