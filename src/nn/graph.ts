import type { Compact } from './compact.ts';

/**
 * A network as data: what a recipe writes, what the ONNX writer serialises and what a planner
 * reads. Operators and attributes are ONNX's (opset {@link opset}), tensors are NCHW.
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Values that stay within known limits on what the network is meant for, by name. */
  readonly ranges?: ReadonlyMap<string, Range>;
}

/** Least and largest of a value's elements. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Under which an ONNX file's metadata have the {@link Graph.ranges}. */
export const rangesKey = 'phiz.ranges';

/** The ONNX operator set the recipes write. */
export const opset = 17;

/** A named input or output: float32 unless said; a string dimension is dynamic. */
export interface GraphValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface GraphNode {
  /** ONNX operator name, e.g. `Conv`. */
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Integers, integer lists, strings, or floats (boxed, since 1 and 1.0 are one number here). */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** A constant tensor. The element type is that of `data`. */
export interface Initializer {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;
  /** The float32 values in fewer bits; `data` is then computed whenever it is asked for. */
  readonly compact?: Compact;
}
