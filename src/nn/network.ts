import type { Rows, Size } from '../image/geometry.ts';
import type { Images } from './images.ts';
import type { SharedItems, TakeShares } from './shared-pass.ts';

/** Float32 values with a shape; `data.length` is the product of `shape`. */
export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  /** The cells of an image's map that its rows tell of, ascending; absent: all. */
  readonly cells?: Int32Array;
}

/** Cells of a map: those where one value of an output is large enough. */
export interface Gate {
  /** The name of that output. */
  readonly by: string;
  readonly least: number;
}

/** Outputs that are needed at some cells alone. */
export interface GatedOutputs extends Gate {
  readonly outputs: readonly string[];
}

/** What is wanted of a network. */
export interface NetworkPart {
  readonly outputs: readonly string[];
  /** Outputs that may tell of some cells alone: see {@link Tensor.cells}. A pass with gates takes one image. */
  readonly gates?: readonly GatedOutputs[];
}

/** Some rows of a stem's map, and those of the image that they are made of. */
export interface StemBand {
  readonly rows: Rows;
  readonly seen: Rows;
}

/**
 * A network in two steps: its first layers make one map of an image, in bands that need nothing of each other, and
 * the others read that map alone. What they tell is what the network tells at once, bit for bit.
 */
export interface Stem {
  /** The bands of an image of a size: as many as are wanted, or fewer, since neighbours compute what both see. */
  bands(size: Size, wanted: number): readonly StemBand[];
  /** Bytes of the map. */
  bytes(size: Size): number;
  /**
   * Makes a band.
   *
   * @param image the rows that it sees, as an image
   * @param map the whole map, as the network stores it, row by row: the band's are written
   */
  make(band: StemBand, image: Images, map: Uint8Array): Promise<void>;
  /** What the network tells of the image that a map is of. */
  finish(size: Size, map: Uint8Array): Promise<Record<string, Tensor>>;
}

/** A network that is loaded and ready to run. */
export interface Network {
  /** Names of the inputs and outputs, in the graph's order. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** The backend, for people: whose kernels, on which instructions. */
  readonly runsOn: string;
  /**
   * One forward pass. Inputs must stay untouched until the promise settles; outputs belong to
   * the caller. Calls on one network must not overlap.
   */
  run(inputs: Readonly<Record<string, Tensor | Images>>): Promise<Record<string, Tensor>>;
  /**
   * The same network for a part of what it tells, without what only the rest needs, where it can leave
   * something out. It is made once, and closed with this one.
   */
  only?(part: NetworkPart): Network;
  /** Its stem, if it can be computed in two steps. */
  stem?(): Stem | undefined;
  /** Frees the network's memory. */
  close(): Promise<void>;
  /** Who runs the network for this instance while they have no work of their own: see `Helpers`. */
  readonly helpers?: {
    readonly idle: number;
    run(shared: SharedItems): TakeShares;
  };
}

/** The inference port: something that turns a serialised model into a {@link Network}. */
export interface InferenceBackend {
  load(model: Uint8Array): Promise<Network>;
}
