import type { Images } from './images.ts';
import type { Share, SharedImages } from './shared-pass.ts';

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
  /** Frees the network's memory. */
  close(): Promise<void>;
  /** Who runs the network for this instance while they have no work of their own: see `Helpers`. */
  readonly helpers?: {
    readonly idle: number;
    run(images: SharedImages): Promise<readonly Share[] | undefined>;
  };
}

/** The inference port: something that turns a serialised model into a {@link Network}. */
export interface InferenceBackend {
  load(model: Uint8Array): Promise<Network>;
}
