import type { Box } from '../../src/image/geometry.ts';

/**
 * A library or service that is compared: it answers pictures, in a process of its own. Each has
 * a program in contestants/, which {@link serveContestant} connects with the bench.
 */
export interface Contestant {
  /** Name and versions of the answering program, for people. */
  readonly description: string;
  /** Everything asked for, from the bytes of a JPEG file; the faces' boxes are told, in pixels. */
  answer(jpeg: Uint8Array): Promise<Box[]>;
  /** Bytes of the memory that was needed at most, where other processes than this one did the work. */
  peakMemory?(): Promise<number>;
  /** Milliseconds of a core that were used so far, where other processes did the work. */
  processorTime?(): Promise<number>;
  close?(): Promise<void>;
}

/** Options that a contestant's program is started with. */
export interface ContestantOptions {
  /** Networks that may work side by side in this process. */
  readonly instances: number;
  /** Root of the checkout whose built phiz is to be used. */
  readonly checkout: string;
  /** Pixels of the smallest face that phiz is to look for; without it, its default. */
  readonly leastFace?: number;
}

/** The resources that a contestant has needed so far. */
export interface Usage {
  /** Bytes of memory at most; NaN where that is not known. */
  readonly bytes: number;
  /** Milliseconds of a core; NaN where that is not known. */
  readonly milliseconds: number;
}

/** Messages to a contestant's process. */
export type ToContestant =
  | { readonly type: 'answer'; readonly id: number; readonly path: string }
  | { readonly type: 'usage' }
  | { readonly type: 'close' };

/** Messages from it. */
export type FromContestant =
  | { readonly type: 'ready'; readonly description: string; readonly milliseconds: number }
  | {
      readonly type: 'answer';
      readonly id: number;
      /** Of processor time. */
      readonly milliseconds: number;
      readonly faces: readonly Box[];
    }
  | ({ readonly type: 'usage' } & Usage)
  | { readonly type: 'failed'; readonly reason: string };
