import type { PeakRates } from '../speed/profile/limits.ts';

/** A network at a size of its input and of its batch. */
export interface Case {
  readonly network: string;
  /** Of the square that it is given, in pixels. */
  readonly side: number;
  readonly batch: number;
}

/**
 * The way a network is run: by onnxruntime-web, by onnxruntime-node (not in Deno), or on our kernels with
 * maps of float32 or, as they ship, 16-bit integers.
 */
export type Way = 'web' | 'native' | 'f32' | 'i16';

/** Least time of one pass in milliseconds, by way. */
export interface MeasuredCase extends Case {
  readonly milliseconds: Partial<Record<Way, number>>;
}

/** One call of a kernel, on the way that phiz takes: 16-bit integers. */
export interface MeasuredLayer {
  readonly network: string;
  readonly side: number;
  readonly output: string;
  readonly kernel: string;
  readonly macs: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** The least time that arithmetic and memory allow on this machine. */
  readonly bound: number;
}

/** The peak rates of one core of the machine in this engine. */
export interface Roof {
  /** Multiply-accumulates a second by format. */
  readonly macs: PeakRates;
  /** Bytes a second, read and written. */
  readonly bytes: number;
}

/** The answer of a process that measures in an engine. */
export interface KernelAnswer {
  readonly simd: string;
  readonly roof: Roof;
  readonly measured: readonly MeasuredCase[];
  readonly layers: readonly MeasuredLayer[];
}
