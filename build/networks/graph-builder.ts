import type { Attribute, Graph, GraphNode, GraphValue, Initializer } from '../../src/nn/graph.ts';
import type { WeightTensor } from './weights.ts';

/** Zeros around a plane, in the order of ONNX. */
export type Pads = readonly [top: number, left: number, bottom: number, right: number];

export interface ConvOptions {
  /** [out, in / groups, height, width] */
  readonly filters: WeightTensor;
  readonly bias?: Float32Array;
  /** Default 1. */
  readonly stride?: number;
  /** Default none. */
  readonly pads?: Pads;
  /** Default 1. */
  readonly groups?: number;
  /** Pixels from one of the window's to its next. Default 1. */
  readonly dilation?: number;
}

export interface PoolingOptions {
  readonly size: number;
  readonly stride: number;
  /** Default none. */
  readonly pads?: Pads;
}

const noPads: Pads = [0, 0, 0, 0];

/**
 * Writes a {@link Graph} one node at a time. Every method takes the name of the value it makes
 * first and returns it, so that a recipe reads like the network's definition and a test can ask
 * for any layer by name. Planes are NCHW.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs: GraphValue[] = [];
  readonly #outputs: GraphValue[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, shape: GraphValue['shape']): string {
    this.#inputs.push({ name, shape });
    return name;
  }

  /** Declares a value as an output of the network, under its own name. */
  output(name: string, shape: GraphValue['shape']): void {
    this.#outputs.push({ name, shape });
  }

  conv(name: string, x: string, options: ConvOptions): string {
    const { filters, bias, stride = 1, pads = noPads, groups = 1, dilation = 1 } = options;
    const inputs = [x, this.#constant(`${name}/filters`, filters)];
    if (bias) inputs.push(this.#constant(`${name}/bias`, { shape: [bias.length], data: bias }));
    return this.#node('Conv', name, inputs, {
      kernel_shape: filters.shape.slice(2),
      strides: [stride, stride],
      pads,
      group: groups,
      ...(dilation > 1 && { dilations: [dilation, dilation] }),
    });
  }

  relu(name: string, x: string): string {
    return this.#node('Relu', name, [x]);
  }

  /** ReLU with a ceiling: values limited to 0 to `limit`. */
  reluUpTo(name: string, x: string, limit: number): string {
    return this.#node('Clip', name, [
      x,
      this.#constant(`${name}/min`, { shape: [], data: Float32Array.of(0) }),
      this.#constant(`${name}/max`, { shape: [], data: Float32Array.of(limit) }),
    ]);
  }

  /** Negative values times their channel's slope. */
  prelu(name: string, x: string, slopes: Float32Array): string {
    const shape = [slopes.length, 1, 1];
    return this.#node('PRelu', name, [x, this.#constant(`${name}/slopes`, { shape, data: slopes })]);
  }

  sigmoid(name: string, x: string): string {
    return this.#node('Sigmoid', name, [x]);
  }

  add(name: string, first: string, second: string): string {
    return this.#node('Add', name, [first, second]);
  }

  /** Adds one number to every value of a channel. */
  addPerChannel(name: string, x: string, values: readonly number[]): string {
    const data = Float32Array.from(values);
    return this.#node('Add', name, [
      x,
      this.#constant(`${name}/values`, { shape: [1, data.length, 1, 1], data }),
    ]);
  }

  maxPool(name: string, x: string, options: PoolingOptions): string {
    return this.#node('MaxPool', name, [x], poolAttributes(options));
  }

  averagePool(name: string, x: string, options: PoolingOptions): string {
    return this.#node('AveragePool', name, [x], poolAttributes(options));
  }

  /** The mean of every plane: [N, C, H, W] becomes [N, C, 1, 1]. */
  globalAveragePool(name: string, x: string): string {
    return this.#node('GlobalAveragePool', name, [x]);
  }

  /** Zeros behind the last channel, row and column. */
  padBehind(name: string, x: string, by: { channels?: number; rows?: number; columns?: number }): string {
    const { channels = 0, rows = 0, columns = 0 } = by;
    const pads = {
      shape: [8],
      data: BigInt64Array.from([0, 0, 0, 0, 0, channels, rows, columns].map(BigInt)),
    };
    return this.#node('Pad', name, [x, this.#constant(`${name}/pads`, pads)], { mode: 'constant' });
  }

  /** x · matrix + bias, for x of [N, in] and a matrix of [in, out]. */
  gemm(name: string, x: string, matrix: WeightTensor, bias?: Float32Array): string {
    const inputs = [x, this.#constant(`${name}/matrix`, matrix)];
    if (bias) inputs.push(this.#constant(`${name}/bias`, { shape: [bias.length], data: bias }));
    return this.#node('Gemm', name, inputs);
  }

  concat(name: string, values: readonly string[], axis: number): string {
    return this.#node('Concat', name, values, { axis });
  }

  transpose(name: string, x: string, order: readonly number[]): string {
    return this.#node('Transpose', name, [x], { perm: order });
  }

  /** A 0 in `shape` keeps the dimension, a -1 takes what remains. */
  reshape(name: string, x: string, shape: readonly number[]): string {
    const target = { shape: [shape.length], data: BigInt64Array.from(shape.map(BigInt)) };
    return this.#node('Reshape', name, [x, this.#constant(`${name}/shape`, target)]);
  }

  build(): Graph {
    return {
      name: this.#name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      initializers: this.#initializers,
    };
  }

  #constant(name: string, value: Initializer): string {
    this.#initializers.set(name, value);
    return name;
  }

  #node(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    this.#nodes.push({ op, name, inputs, outputs: [name], attributes });
    return name;
  }
}

function poolAttributes({ size, stride, pads = noPads }: PoolingOptions): Record<string, Attribute> {
  return { kernel_shape: [size, size], strides: [stride, stride], pads };
}
