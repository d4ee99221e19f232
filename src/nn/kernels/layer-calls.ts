import type { SizedKernel, WasmFunction } from '../../../wasm/assembler.ts';
import { conv } from '../../../wasm/conv.ts';
import { depthwiseConv } from '../../../wasm/depthwise.ts';
import { fill, sum } from '../../../wasm/elementwise.ts';
import type { Instructions } from '../../../wasm/formats.ts';
import type { GateShape } from '../../../wasm/gate.ts';
import type { Border, Plane } from '../../../wasm/plane.ts';
import { pool } from '../../../wasm/pool.ts';
import {
  bufferBytes,
  guarded,
  squaresIn,
  type WinogradShape,
  winogradInput,
  winogradOutput,
  winogradProducts,
} from '../../../wasm/winograd.ts';
import { weightSizes, windowWeights } from '../../../wasm/winograd-weights.ts';
import type { Gate } from '../network.ts';
import { align } from './arena.ts';
import { inputsOf, type Layer, unlimited } from './layers.ts';
import type { MapShape } from './shapes.ts';
import type { Storage } from './storage.ts';
import type { WinogradConstants } from './winograd.ts';

/** One call of a kernel. */
export interface KernelCall {
  readonly kernel: WasmFunction;
  readonly parameters: readonly number[];
  /** The map that the call contributes to. */
  readonly output: string;
  /** Multiply-accumulates. */
  readonly macs: number;
  /** Bytes that must be read and written at least once. */
  readonly bytes: number;
}

/** A map's place in memory. */
export interface MapPlace {
  readonly shape: MapShape;
  readonly plane: Plane;
  /** Address of pixel (0, 0). */
  readonly address: number;
}

/** The maps of an item of a pass, by name. */
export type MapPlaces = ReadonlyMap<string, MapPlace>;

/** Addresses of a convolution's packed weights. */
export interface WeightAddresses {
  /** Transformed where the convolution is computed in squares. */
  readonly weights: number;
  readonly table: number;
  /** See `wasm/finish.ts`. */
  readonly shift: number;
  readonly near: boolean;
  /** Of the weights as they are without squares. */
  readonly bytes: number;
  /** Where the convolution is computed in squares, if its input allows. */
  readonly winograd?: WinogradConstants;
}

/**
 * The calls of kernels that compute a layer for some items of a pass.
 *
 * @param items the maps of the items that go together
 * @param buffers address of the layer's own memory: see {@link placesOfBuffers}
 * @param gate where the layer's map is made at some cells alone
 */
export function layerCalls(
  layer: Layer,
  items: readonly MapPlaces[],
  storage: ReadonlyMap<string, Storage>,
  weights: ReadonlyMap<Layer, WeightAddresses>,
  isa: Instructions,
  buffers: number,
  gate: Gate | undefined,
): KernelCall[] {
  const planeOf = (name: string) => items[0]!.get(name)!.plane;
  const stored = (name: string) => storage.get(name)!;
  const output = planeOf(layer.output);
  const target = stored(layer.output);
  const scaleOf = (name: string) => stored(name).unit / target.unit;
  /** An activation's limits, as far as they can be stored. */
  const limitsOf = ({ low, high }: { low: number; high: number }) => ({
    low: Math.max(target.low, low / target.unit),
    high: Math.min(target.high, high / target.unit),
  });
  /** For each item. @param addresses of what the kernel takes, which has them first */
  const calls = (
    { kernel, sizes }: SizedKernel,
    addresses: (place: (name: string) => MapPlace) => readonly number[],
  ): KernelCall[] =>
    items.map((places) => ({
      kernel,
      parameters: [...addresses((name) => places.get(name)!), ...sizes],
      output: layer.output,
      macs: 0,
      bytes: [...inputsOf(layer), layer.output].reduce((sum, name) => sum + planeOf(name).byteLength, 0),
    }));

  switch (layer.op) {
    case 'conv': {
      const { input, residual, window, stride, dilation, pads, depthwise, prelu } = layer;
      const { weights: filters, table, shift, near, bytes, winograd } = weights.get(layer)!;
      const shape = {
        input: planeOf(input),
        output,
        window,
        stride,
        dilation,
        shift,
        near,
        prelu,
        ...limitsOf(layer),
        ...(residual && { residual: { plane: planeOf(residual), scale: scaleOf(residual) } }),
        ...(gate && { gate: gateShape(gate, planeOf(gate.by), stored(gate.by)) }),
      };
      const convolution = depthwise ? depthwiseConv(isa, shape) : conv(isa, shape);
      const macs = layer.filterShape.reduce((product, size) => product * size, output.width * output.height);
      const direct = calls(convolution, (place) => [
        windowCorner(place(input), pads),
        filters,
        table,
        place(layer.output).address,
        residual ? place(residual).address : 0,
        gate ? place(gate.by).address : 0,
      ]).map((call) => ({ ...call, macs, bytes: call.bytes + bytes }));
      return winograd ? winogradCalls(isa, shape, direct, { ...winograd, bytes, buffers }) : direct;
    }
    case 'pool': {
      const { kind, input, pads, stride } = layer;
      const source = planeOf(input);
      const window = layer.window ?? ([source.height, source.width] as const);
      const shape = {
        kind,
        input: source,
        output,
        window,
        stride,
        scale: scaleOf(input),
        ...limitsOf(unlimited),
      };
      return calls(pool(shape), (place) => [windowCorner(place(input), pads), place(layer.output).address]);
    }
    case 'sum': {
      const inputs = layer.inputs.map((name) => ({ plane: planeOf(name), scale: scaleOf(name) }));
      return calls(sum({ inputs, output, ...limitsOf(layer) }), (place) =>
        [layer.output, ...layer.inputs].map((name) => place(name).address),
      );
    }
    case 'pad': {
      const inputs = [{ plane: planeOf(layer.input), scale: scaleOf(layer.input) }];
      const start = (place: MapPlace) => place.address - output.origin;
      return [
        ...calls({ kernel: fill(0), sizes: [output.byteLength, 0, 0, 0, 0] }, (place) => [
          start(place(layer.output)),
        ]),
        ...calls(sum({ inputs, output, ...limitsOf(unlimited) }), (place) =>
          [layer.output, layer.input].map((name) => place(name).address),
        ),
      ];
    }
  }
}

const gateShape = ({ least }: Gate, plane: Plane, { channels, unit }: Storage): GateShape => ({
  plane,
  values: channels,
  least: least / unit,
});

/**
 * The buffers of a convolution in squares, counted from the first one, and the bytes that all take.
 *
 * @param weightBytes of the weights that it takes where it cannot be computed so: they lie where the values would
 */
export function placesOfBuffers(input: Plane, output: Plane, items: number, weightBytes: number) {
  const squares = squaresIn(output.height) * squaresIn(output.width);
  const { values, sums } = bufferBytes({ input, output }, items * squares);
  const products = 64 + align(values);
  return { largest: 0, values: 64, products, bytes: Math.max(products + sums, 64 + weightBytes) };
}

/**
 * The calls for a convolution of some items in squares, and for the same one without, of which only one way does
 * anything.
 */
function winogradCalls(
  isa: Instructions,
  shape: WinogradShape,
  direct: readonly KernelCall[],
  {
    buffers,
    bytes,
    starts,
    middles,
    limit,
  }: WinogradConstants & { readonly buffers: number; readonly bytes: number },
): KernelCall[] {
  const { input, output, residual } = shape;
  const at = placesOfBuffers(input, output, direct.length, bytes);
  const [largest, values, products] = [buffers + at.largest, buffers + at.values, buffers + at.products];
  const [rows, columns] = [squaresIn(output.height), squaresIn(output.width)];
  const squares = rows * columns;
  const [squareValues, squareSums] = [input.channels * 2, output.channels * 4];
  const placeBytes = (ofSquare: number) => direct.length * squares * ofSquare;
  const call = (kernel: KernelCall['kernel'], ...parameters: number[]): KernelCall => ({
    kernel,
    parameters,
    output: direct[0]!.output,
    macs: 0,
    bytes: 0,
  });
  const guard = [largest, limit];
  const [, weights, table] = direct[0]!.parameters as [number, number, number];
  return [
    call(fill(0), largest, 16, 0, 0, 0, 0),
    ...direct.map(({ parameters: [corner] }, item) =>
      call(
        winogradInput(input),
        corner!,
        values + item * squares * squareValues,
        largest,
        rows,
        columns,
        input.rowBytes,
        placeBytes(squareValues),
      ),
    ),
    {
      ...call(
        guarded(winogradProducts(isa, shape), 'small'),
        ...[values, weights, starts, products, direct.length * squares, ...guard],
      ),
      macs: direct.reduce((sum, { macs }) => sum + macs, 0),
      bytes: direct.reduce((sum, each) => sum + each.bytes, 0),
    },
    ...direct.map(({ parameters: [, , , target, added] }, item) =>
      call(
        guarded(winogradOutput(isa, shape), 'small'),
        products + item * squares * squareSums,
        middles,
        table,
        target!,
        added!,
        rows,
        columns,
        placeBytes(squareSums),
        1 - (output.height % 2),
        1 - (output.width % 2),
        output.rowBytes,
        residual?.plane.rowBytes ?? 0,
        ...guard,
      ),
    ),
    call(
      guarded(windowWeights, 'large'),
      values,
      weights,
      ...weightSizes(input.format, [input.channels, output.channels]),
      ...guard,
    ),
    ...direct.map(({ kernel, parameters: [corner, , ...others] }) =>
      call(guarded(kernel, 'large'), corner!, values, ...others, ...guard),
    ),
  ];
}

/** The address of the corner of the first window. */
const windowCorner = ({ plane, address }: MapPlace, { top, left }: Border): number =>
  address - top * plane.rowBytes - left * plane.pixelBytes;
