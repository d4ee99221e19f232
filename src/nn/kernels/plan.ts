import type { SizedKernel, WasmFunction } from '../../../wasm/assembler.ts';
import { conv } from '../../../wasm/conv.ts';
import { depthwiseConv } from '../../../wasm/depthwise.ts';
import { fill, sum } from '../../../wasm/elementwise.ts';
import type { Format, Instructions } from '../../../wasm/formats.ts';
import type { GateShape } from '../../../wasm/gate.ts';
import { mirrorRows, type PictureShape, pictureRows } from '../../../wasm/picture.ts';
import { type Border, noBorder, type Plane, plane, roundUp } from '../../../wasm/plane.ts';
import { pool } from '../../../wasm/pool.ts';
import {
  bufferBytes,
  guarded,
  squaresIn,
  type WinogradShape,
  weightSizes,
  windowWeights,
  winogradInput,
  winogradOutput,
  winogradProducts,
} from '../../../wasm/winograd.ts';
import { type ImageValues, ofChannels } from '../image-input.ts';
import type { Gate } from '../network.ts';
import { align, type Block, placeBlocks } from './arena.ts';
import {
  type ConvLayer,
  inputsOf,
  type Layer,
  type Layers,
  type PoolLayer,
  type RowsColumns,
  UnsupportedNetworkError,
  unlimited,
} from './layers.ts';
import type { Storage } from './storage.ts';
import type { WinogradConstants } from './winograd.ts';

/** Channels, rows and columns of a map. */
export type MapShape = readonly [channels: number, height: number, width: number];

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

/** What rows of a picture's map are made of. */
export type PictureRows = 'bytes' | 'floats' | 'mirrored';

/** The calls of kernels for one size of the input once its map is written, and the places of the maps. */
export interface Plan {
  readonly calls: readonly KernelCall[];
  readonly places: ReadonlyMap<string, MapPlace>;
  /** Make rows of the first map, of bytes, of float32 values or of its mirror image; absent where it is no picture. */
  readonly pictureRows: Readonly<Record<PictureRows, WasmFunction>> | undefined;
  /** Where they read the picture's. */
  readonly rowsAddress: number;
  readonly rowsBytes: number;
}

/** Addresses of a convolution's packed weights. */
export interface WeightAddresses {
  /** Transformed where the convolution is computed in squares. */
  readonly weights: number;
  readonly table: number;
  /** See `wasm/finish.ts`. */
  readonly shift: number;
  /** Of the weights as they are without squares. */
  readonly bytes: number;
  /** Where the convolution is computed in squares, if its input allows. */
  readonly winograd?: WinogradConstants;
}

/**
 * Plans a network for one size of its input: the size of every map, its border, its place in
 * memory for as long as it is needed, and the calls of kernels in their order.
 *
 * @param values those that the network wants of a picture's; undefined where its input is no picture
 * @param arenaOf the address of so many bytes that maps may use
 */
export function plan(
  { input, layers, outputs, gates }: Layers,
  storage: ReadonlyMap<string, Storage>,
  weights: ReadonlyMap<Layer, WeightAddresses>,
  isa: Instructions,
  inputShape: MapShape,
  values: Pick<ImageValues, 'mean' | 'scale'> | undefined,
  arenaOf: (bytes: number) => number,
): Plan {
  const shapes = mapShapes({ input, layers }, inputShape);
  const inSquares = (layer: Layer) => weights.get(layer)?.winograd !== undefined;

  const borders = new Map<string, Border>();
  const borderWords = new Map<string, number>();
  for (const layer of layers) {
    if (layer.op !== 'conv' && layer.op !== 'pool') continue;
    const seen = borderSeen(layer, shapes, inSquares(layer) ? 2 : 1);
    if (isEmpty(seen)) continue;
    const { low, format } = storage.get(layer.input) as Storage;
    const word = wordOf(format, layer.op === 'pool' ? low : 0);
    if ((borderWords.get(layer.input) ?? word) !== word)
      throw new UnsupportedNetworkError(`${layer.input}: its readers disagree on what surrounds it`);
    borderWords.set(layer.input, word);
    borders.set(layer.input, union(borders.get(layer.input) ?? noBorder, seen));
  }

  const names = [input.value, ...layers.map(({ output }) => output)];
  const planes = names.map((name) => {
    const [, height, width] = shapes.get(name) as MapShape;
    const { format, stored } = storage.get(name) as Storage;
    return plane(format, [stored, height, width], borders.get(name));
  });
  const [channels, , width] = inputShape;
  const rowsBytes = Math.max(leastRowsBytes, channels * width * 4);
  const rowsBlock = { bytes: rowsBytes + rowsOverrun, from: 0, until: 0 };
  const planeOf = (name: string) => planes[names.indexOf(name)] as Plane;
  const buffers = layers.map((layer, index) => ({
    bytes:
      layer.op === 'conv' && inSquares(layer)
        ? placesOfBuffers(planeOf(layer.input), planeOf(layer.output), weights.get(layer)!.bytes).bytes
        : 0,
    from: index + 1,
    until: index + 1,
  }));
  const { offsets, bytes } = placeBlocks([
    ...lifetimes(names, layers, outputs, planes),
    rowsBlock,
    ...buffers,
  ]);
  const arena = arenaOf(bytes);
  const rowsAddress = arena + (offsets[names.length] as number);
  const bufferAddress = (index: number) => arena + (offsets[names.length + 1 + index] as number);
  const places = new Map(
    names.map((name, index) => [
      name,
      {
        shape: shapes.get(name) as MapShape,
        plane: planes[index] as Plane,
        address: arena + (offsets[index] as number) + (planes[index] as Plane).origin,
      },
    ]),
  );

  const calls: KernelCall[] = [];
  const surround = (name: string) => {
    const word = borderWords.get(name);
    if (word !== undefined) calls.push(surroundCall(name, places.get(name) as MapPlace, word));
  };
  surround(input.value);
  for (const [index, layer] of layers.entries()) {
    surround(layer.output);
    calls.push(
      ...layerCalls(layer, places, storage, weights, isa, bufferAddress(index), gates.get(layer.output)),
    );
  }
  const takePicture = ({ mean, scale }: NonNullable<typeof values>) => {
    const { unit, low, high } = storage.get(input.value) as Storage;
    const shape: PictureShape = {
      channels,
      means: ofChannels(mean),
      scales: ofChannels(scale),
      output: planeOf(input.value),
      offsets: input.offsets,
      unit,
      low,
      high,
    };
    return {
      bytes: pictureRows(shape, 'bytes'),
      floats: pictureRows(shape, 'floats'),
      mirrored: mirrorRows(shape.output),
    };
  };
  return { calls, places, pictureRows: values && takePicture(values), rowsAddress, rowsBytes };
}

/** Bytes of a picture's rows that are taken at once, at least: few calls, and all in the first caches. */
const leastRowsBytes = 32768;

/** Bytes behind a picture's rows that kernels read: see `wasm/picture.ts`. */
const rowsOverrun = 16;

/** The number of values of a shape. */
export const product = (sizes: readonly number[]): number => sizes.reduce((result, size) => result * size, 1);

/** The shape of every map, by name. @throws RangeError, UnsupportedNetworkError */
export function mapShapes(
  { input, layers }: Pick<Layers, 'input' | 'layers'>,
  inputShape: MapShape,
): Map<string, MapShape> {
  const shapes = new Map([[input.value, inputShape]]);
  for (const layer of layers) shapes.set(layer.output, outputShape(layer, shapes));
  return shapes;
}

function outputShape(layer: Layer, shapes: ReadonlyMap<string, MapShape>): MapShape {
  const [channels, height, width] = shapes.get(
    layer.op === 'sum' ? layer.inputs[0]! : layer.input,
  ) as MapShape;
  switch (layer.op) {
    case 'sum':
      for (const name of layer.inputs) expectShape(layer, shapes.get(name), [channels, height, width]);
      return [channels, height, width];
    case 'pad':
      return [channels + layer.by[0], height + layer.by[1], width + layer.by[2]];
    case 'pool':
    case 'conv': {
      if (layer.op === 'pool' && !layer.window) return [channels, 1, 1];
      const { stride, pads } = layer;
      const [tall, wide] = windowOf(layer);
      const rows = Math.floor((height + pads.top + pads.bottom - tall) / stride[0]) + 1;
      const columns = Math.floor((width + pads.left + pads.right - wide) / stride[1]) + 1;
      if (rows < 1 || columns < 1)
        throw new RangeError(`${layer.output}: the input is too small for the network`);
      const shape: MapShape = [layer.op === 'conv' ? layer.filterShape[0]! : channels, rows, columns];
      if (layer.op === 'conv') {
        expectShape(
          layer,
          [layer.filterShape[layer.depthwise ? 0 : 1]!, height, width],
          [channels, height, width],
        );
        if (layer.residual) expectShape(layer, shapes.get(layer.residual), shape);
      }
      return shape;
    }
  }
}

function expectShape({ output }: Layer, found: MapShape | undefined, expected: MapShape): void {
  if (!found?.every((size, index) => size === expected[index]))
    throw new UnsupportedNetworkError(`${output}: expected a map of [${expected}], found [${found}]`);
}

/**
 * The pixels outside a layer's input that its windows look at: not all that it declares.
 *
 * @param step rows and columns of windows that are looked at together
 */
function borderSeen(
  layer: ConvLayer | PoolLayer,
  shapes: ReadonlyMap<string, MapShape>,
  step: number,
): Border {
  if (!layer.window) return noBorder;
  const [, height, width] = shapes.get(layer.input) as MapShape;
  const [rows, columns] = (shapes.get(layer.output) as MapShape)
    .slice(1)
    .map((size) => roundUp(size, step)) as [number, number];
  const { stride, pads } = layer;
  const [tall, wide] = windowOf(layer);
  return {
    top: pads.top,
    left: pads.left,
    bottom: Math.max(0, (rows - 1) * stride[0] + tall - pads.top - height),
    right: Math.max(0, (columns - 1) * stride[1] + wide - pads.left - width),
  };
}

/** Rows and columns from a window's first to its last, both included. */
export function windowOf(layer: ConvLayer | PoolLayer): RowsColumns {
  const [rows, columns] = layer.window as RowsColumns;
  if (layer.op === 'pool') return [rows, columns];
  const [down, right] = layer.dilation;
  return [(rows - 1) * down + 1, (columns - 1) * right + 1];
}

const isEmpty = ({ top, left, bottom, right }: Border): boolean => top + left + bottom + right === 0;

const union = (a: Border, b: Border): Border => ({
  top: Math.max(a.top, b.top),
  left: Math.max(a.left, b.left),
  bottom: Math.max(a.bottom, b.bottom),
  right: Math.max(a.right, b.right),
});

/** A map is needed from the layer that makes it to the last that reads it; an output to the end. */
function lifetimes(
  names: readonly string[],
  layers: readonly Layer[],
  outputs: Layers['outputs'],
  planes: readonly Plane[],
): Block[] {
  const blocks: Block[] = planes.map(({ byteLength }, index) => ({
    bytes: byteLength,
    from: index,
    until: index,
  }));
  const extend = (name: string, step: number) => {
    const block = blocks[names.indexOf(name)];
    if (!block) throw new UnsupportedNetworkError(`no layer makes ${name}`);
    block.until = Math.max(block.until, step);
  };
  layers.forEach((layer, index) => {
    for (const name of inputsOf(layer)) extend(name, index + 1);
  });
  // What decides over others is an output, too.
  for (const { maps } of outputs.values()) for (const name of maps) extend(name, names.length);
  return blocks;
}

/** Writes what surrounds a map: before the first row, between rows, behind the last one. */
function surroundCall(output: string, { plane, address }: MapPlace, word: number): KernelCall {
  const { origin, width, height, pixelBytes, rowBytes, byteLength } = plane;
  const row = width * pixelBytes;
  const [between, times] = [rowBytes - row, height - 1];
  const behind = byteLength - origin - times * rowBytes - row;
  return {
    kernel: fill(word),
    parameters: [address - origin, origin, row, between, times, behind],
    output,
    macs: 0,
    bytes: origin + times * between + behind,
  };
}

/** A 32-bit word of one stored value over and over. */
function wordOf({ name }: Format, value: number): number {
  if (value === 0) return 0;
  const word = new DataView(new ArrayBuffer(4));
  if (name === 'f32') word.setFloat32(0, value, true);
  else for (const at of [0, 2]) word.setInt16(at, value, true);
  return word.getInt32(0, true);
}

function layerCalls(
  layer: Layer,
  places: ReadonlyMap<string, MapPlace>,
  storage: ReadonlyMap<string, Storage>,
  weights: ReadonlyMap<Layer, WeightAddresses>,
  isa: Instructions,
  buffers: number,
  gate: Gate | undefined,
): KernelCall[] {
  const place = (name: string) => places.get(name) as MapPlace;
  const stored = (name: string) => storage.get(name) as Storage;
  const output = place(layer.output);
  const target = stored(layer.output);
  const scaleOf = (name: string) => stored(name).unit / target.unit;
  /** An activation's limits, as far as they can be stored. */
  const limitsOf = ({ low, high }: { low: number; high: number }) => ({
    low: Math.max(target.low, low / target.unit),
    high: Math.min(target.high, high / target.unit),
  });
  const call = ({ kernel, sizes }: SizedKernel, ...addresses: number[]): KernelCall => ({
    kernel,
    parameters: [...addresses, ...sizes],
    output: layer.output,
    macs: 0,
    bytes: [...inputsOf(layer), layer.output].reduce((sum, name) => sum + place(name).plane.byteLength, 0),
  });

  switch (layer.op) {
    case 'conv': {
      const { input, residual, window, stride, dilation, pads, depthwise, prelu } = layer;
      const { weights: filters, table, shift, bytes, winograd } = weights.get(layer) as WeightAddresses;
      const shape = {
        input: place(input).plane,
        output: output.plane,
        window,
        stride,
        dilation,
        shift,
        prelu,
        ...limitsOf(layer),
        ...(residual && { residual: { plane: place(residual).plane, scale: scaleOf(residual) } }),
        ...(gate && { gate: gateShape(gate, place(gate.by), stored(gate.by)) }),
      };
      const convolution = call(
        depthwise ? depthwiseConv(isa, shape) : conv(isa, shape),
        windowCorner(place(input), pads),
        filters,
        table,
        output.address,
        residual ? place(residual).address : 0,
        gate ? place(gate.by).address : 0,
      );
      const outputPixels = output.plane.width * output.plane.height;
      const direct = {
        ...convolution,
        macs: layer.filterShape.reduce((product, size) => product * size, outputPixels),
        bytes: convolution.bytes + bytes,
      };
      return winograd ? winogradCalls(isa, shape, direct, { ...winograd, bytes, buffers }) : [direct];
    }
    case 'pool': {
      const { kind, input, pads, stride } = layer;
      const { plane: source } = place(input);
      const window = layer.window ?? ([source.height, source.width] as const);
      const shape = {
        kind,
        input: source,
        output: output.plane,
        window,
        stride,
        scale: scaleOf(input),
        ...limitsOf(unlimited),
      };
      return [call(pool(shape), windowCorner(place(input), pads), output.address)];
    }
    case 'sum': {
      const inputs = layer.inputs.map((name) => ({ plane: place(name).plane, scale: scaleOf(name) }));
      const added = sum({ inputs, output: output.plane, ...limitsOf(layer) });
      return [call(added, output.address, ...layer.inputs.map((name) => place(name).address))];
    }
    case 'pad': {
      const start = output.address - output.plane.origin;
      const inputs = [{ plane: place(layer.input).plane, scale: scaleOf(layer.input) }];
      return [
        call({ kernel: fill(0), sizes: [] }, start, output.plane.byteLength, 0, 0, 0, 0),
        call(
          sum({ inputs, output: output.plane, ...limitsOf(unlimited) }),
          output.address,
          place(layer.input).address,
        ),
      ];
    }
  }
}

const gateShape = ({ least }: Gate, { plane }: MapPlace, { channels, unit }: Storage): GateShape => ({
  plane,
  values: channels,
  least: least / unit,
});

/**
 * The buffers of a convolution in squares, counted from the first one, and the bytes that all take.
 *
 * @param weightBytes of the weights that it takes where it cannot be computed so: they lie where the values would
 */
function placesOfBuffers(input: Plane, output: Plane, weightBytes: number) {
  const { values, sums } = bufferBytes({ input, output }, squaresIn(output.height) * squaresIn(output.width));
  const products = 64 + align(values);
  return { largest: 0, values: 64, products, bytes: Math.max(products + sums, 64 + weightBytes) };
}

/** The calls for a convolution in squares, and for the same one without, of which only one way does anything. */
function winogradCalls(
  isa: Instructions,
  shape: WinogradShape,
  direct: KernelCall,
  {
    buffers,
    bytes,
    starts,
    middles,
    limit,
  }: WinogradConstants & { readonly buffers: number; readonly bytes: number },
): KernelCall[] {
  const { input, output, residual } = shape;
  const [corner, weights, table, target, added, ...directSizes] = direct.parameters as number[];
  const at = placesOfBuffers(input, output, bytes);
  const [largest, values, products] = [buffers + at.largest, buffers + at.values, buffers + at.products];
  const [rows, columns] = [squaresIn(output.height), squaresIn(output.width)];
  const squares = rows * columns;
  const call = (kernel: KernelCall['kernel'], ...parameters: number[]): KernelCall => ({
    kernel,
    parameters,
    output: direct.output,
    macs: 0,
    bytes: 0,
  });
  const guard = [largest, limit];
  return [
    call(
      winogradInput(input),
      corner!,
      values,
      largest,
      rows,
      columns,
      input.rowBytes,
      squares * input.channels * 2,
    ),
    {
      ...direct,
      kernel: guarded(winogradProducts(isa, shape), 'small'),
      parameters: [values, weights!, starts, products, squares, ...guard],
    },
    call(
      guarded(winogradOutput(isa, shape), 'small'),
      products,
      middles,
      table!,
      target!,
      added!,
      rows,
      columns,
      squares * output.channels * 4,
      1 - (output.height % 2),
      1 - (output.width % 2),
      output.rowBytes,
      residual?.plane.rowBytes ?? 0,
      ...guard,
    ),
    call(
      guarded(windowWeights, 'large'),
      values,
      weights!,
      ...weightSizes(input.format, [input.channels, output.channels]),
      ...guard,
    ),
    call(
      guarded(direct.kernel, 'large'),
      ...[corner!, values, table!, target!, added!, ...directSizes],
      ...guard,
    ),
  ];
}

/** The address of the corner of the first window. */
const windowCorner = ({ plane, address }: MapPlace, { top, left }: Border): number =>
  address - top * plane.rowBytes - left * plane.pixelBytes;
