import type { Border } from '../../../wasm/plane.ts';
import type { Initializer } from '../graph.ts';
import type { Gate } from '../network.ts';

/** A network that our kernels cannot run: it is left to another backend. */
export class UnsupportedNetworkError extends Error {
  override readonly name = 'UnsupportedNetworkError';
}

/** Of rows and of columns. */
export type RowsColumns = readonly [vertical: number, horizontal: number];

/** The least and the largest value of a layer with an activation. */
interface Limits {
  low: number;
  high: number;
}

export const unlimited: Limits = { low: -Infinity, high: Infinity };

export interface ConvLayer extends Limits {
  readonly op: 'conv';
  readonly input: string;
  output: string;
  /** A map that is added before the activation. */
  residual?: string;
  /** Channels out, channels in (1 where it is depthwise), rows, columns. */
  readonly filterShape: readonly number[];
  readonly depthwise: boolean;
  /** True: negative values are multiplied by their channel's slope. */
  prelu: boolean;
  readonly window: RowsColumns;
  readonly stride: RowsColumns;
  readonly dilation: RowsColumns;
  readonly pads: Border;
}

/** The constants of a convolution; they are not needed once they are packed. */
export interface ConvWeights {
  /** Of the layer's filter shape. */
  readonly filters: FloatConstant;
  readonly bias: Float32Array | undefined;
  /** Of a layer with PReLU: by channel. */
  slopes?: Float32Array;
}

export type FloatConstant = Initializer & { readonly data: Float32Array };

export interface PoolLayer {
  readonly op: 'pool';
  readonly kind: 'max' | 'mean';
  readonly input: string;
  readonly output: string;
  /** Absent: the whole plane. */
  readonly window?: RowsColumns;
  readonly stride: RowsColumns;
  readonly pads: Border;
}

export interface SumLayer extends Limits {
  readonly op: 'sum';
  readonly inputs: readonly string[];
  output: string;
}

/** Zeros behind the last channel, row and column. */
export interface PadLayer {
  readonly op: 'pad';
  readonly input: string;
  readonly output: string;
  readonly by: readonly [channels: number, rows: number, columns: number];
}

export type Layer = ConvLayer | PoolLayer | SumLayer | PadLayer;

/** The maps that a layer reads. */
export function inputsOf(layer: Layer): readonly string[] {
  if (layer.op === 'sum') return layer.inputs;
  return layer.op === 'conv' && layer.residual ? [layer.input, layer.residual] : [layer.input];
}

/** One of the network's outputs, as it is read out of feature maps. */
export interface Readout {
  /** Maps one after the other, along the first dimension behind the batch. */
  readonly maps: readonly string[];
  /** True: channels are innermost; false: planes follow one another. */
  readonly channelsLast: boolean;
  readonly sigmoid: boolean;
  /** Without the batch; -1 takes what remains. Absent: the shape of the map. */
  readonly shape?: readonly number[];
  /** Where cells are read; `by` names a map. Absent: everywhere. */
  readonly gate?: Gate;
}

/** A network as the kernels see it: one picture in, every layer a pass over memory. */
export interface Layers {
  readonly input: {
    readonly name: string;
    /** The map that holds the picture. */
    readonly value: string;
    /** Without the batch. */
    readonly shape: readonly (number | string)[];
    /** Added to each channel on the way in. */
    readonly offsets: readonly number[];
  };
  readonly layers: readonly Layer[];
  readonly outputs: ReadonlyMap<string, Readout>;
  /** By the name of a map that is made where another one, of the same size, is large enough; `by` names that. */
  readonly gates: ReadonlyMap<string, Gate>;
}

/** The constants of a network's convolutions. */
export type LayerWeights = ReadonlyMap<ConvLayer, ConvWeights>;
