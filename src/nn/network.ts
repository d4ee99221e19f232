/** Float32 values with a shape; `data.length` is the product of `shape`. */
export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
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
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  /**
   * The same network for some of its outputs, without the layers that only others need, where it can
   * leave layers out. It is made once, and closed with this one.
   */
  only?(outputs: readonly string[]): Network;
  /** Frees the network's memory. */
  close(): Promise<void>;
  /** Who runs the network for this instance while they have no work of their own: see `Helpers`. */
  readonly helpers?: {
    readonly idle: number;
    run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>> | undefined>;
  };
}

/** The inference port: something that turns a serialised model into a {@link Network}. */
export interface InferenceBackend {
  load(model: Uint8Array): Promise<Network>;
}
