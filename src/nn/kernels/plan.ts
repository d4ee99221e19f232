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

/** The maps of an item of a pass, by name. */
export type MapPlaces = ReadonlyMap<string, MapPlace>;

/** The calls of kernels for one size of the input once its map is written, and the places of the maps. */
export interface Plan {
  /** By item: those that are made for it before the next one's input is written. */
  readonly calls: readonly (readonly KernelCall[])[];
  /** Those behind them, for all items at once. */
  readonly together: readonly KernelCall[];
  /** By item. */
  readonly places: readonly MapPlaces[];
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
 * @param items that go through the network in one pass
 * @param values those that the network wants of a picture's; undefined where its input is no picture
 * @param arenaOf the address of so many bytes that maps may use
 */
export function plan(
  { input, layers, outputs, gates }: Layers,
  storage: ReadonlyMap<string, Storage>,
  weights: ReadonlyMap<Layer, WeightAddresses>,
  isa: Instructions,
  inputShape: MapShape,
  items: number,
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
  const first = firstTogether(layers, weights);
  const itemsAt = (index: number) => (index < first ? 1 : items);
  const buffers = layers.map((layer, index) => ({
    bytes:
      layer.op === 'conv' && inSquares(layer)
        ? placesOfBuffers(
            planeOf(layer.input),
            planeOf(layer.output),
            itemsAt(index),
            weights.get(layer)!.bytes,
          ).bytes
        : 0,
    from: index + 1,
    until: index + 1,
  }));
  /** What is needed once the items go together is there for each; what is made before that stays meanwhile. */
  const blocks = lifetimes(names, layers, outputs, planes).map((block) =>
    items > 1 && block.until > first
      ? { ...block, bytes: items * align(block.bytes), from: block.from > first ? block.from : 0 }
      : block,
  );
  const { offsets, bytes } = placeBlocks([...blocks, rowsBlock, ...buffers]);
  const arena = arenaOf(bytes);
  const rowsAddress = arena + (offsets[names.length] as number);
  const bufferAddress = (index: number) => arena + (offsets[names.length + 1 + index] as number);
  const places = Array.from(
    { length: items },
    (_, item): MapPlaces =>
      new Map(
        names.map((name, index) => {
          const plane = planes[index] as Plane;
          const behind = blocks[index]!.until > first ? item * align(plane.byteLength) : 0;
          const address = arena + (offsets[index] as number) + behind + plane.origin;
          return [name, { shape: shapes.get(name) as MapShape, plane, address }];
        }),
      ),
  );

  const surround = (name: string, of: readonly MapPlaces[]): KernelCall[] => {
    const word = borderWords.get(name);
    return word === undefined ? [] : of.map((maps) => surroundCall(name, maps.get(name) as MapPlace, word));
  };
  const callsOf = (index: number, of: readonly MapPlaces[]): KernelCall[] => {
    const layer = layers[index] as Layer;
    const gate = gates.get(layer.output);
    return [
      ...surround(layer.output, of),
      ...layerCalls(layer, of, storage, weights, isa, bufferAddress(index), gate),
    ];
  };
  const indices = [...layers.keys()];
  const calls = places.map((maps) => [
    ...surround(input.value, [maps]),
    ...indices.slice(0, first).flatMap((index) => callsOf(index, [maps])),
  ]);
  const together = indices.slice(first).flatMap((index) => callsOf(index, places));
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
  return { calls, together, places, pictureRows: values && takePicture(values), rowsAddress, rowsBytes };
}

/**
 * Bytes of a convolution's weights from which on those of a network do not stay in the second-level cache: they are
 * read once for several items, whose maps are small by then.
 */
const heavyWeights = 2 ** 18;

/** The index of the first layer from which on the items of a pass go together; that behind the last if none do. */
export function firstTogether(
  layers: readonly Layer[],
  weights: ReadonlyMap<Layer, WeightAddresses>,
): number {
  const first = layers.findIndex((layer) => (weights.get(layer)?.bytes ?? 0) >= heavyWeights);
  return first < 0 ? layers.length : first;
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

/** @param items the maps of the items that go together */
function layerCalls(
  layer: Layer,
  items: readonly MapPlaces[],
  storage: ReadonlyMap<string, Storage>,
  weights: ReadonlyMap<Layer, WeightAddresses>,
  isa: Instructions,
  buffers: number,
  gate: Gate | undefined,
): KernelCall[] {
  const planeOf = (name: string) => items[0]!.get(name)!.plane;
  const stored = (name: string) => storage.get(name) as Storage;
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
      parameters: [...addresses((name) => places.get(name) as MapPlace), ...sizes],
      output: layer.output,
      macs: 0,
      bytes: [...inputsOf(layer), layer.output].reduce((sum, name) => sum + planeOf(name).byteLength, 0),
    }));

  switch (layer.op) {
    case 'conv': {
      const { input, residual, window, stride, dilation, pads, depthwise, prelu } = layer;
      const { weights: filters, table, shift, bytes, winograd } = weights.get(layer) as WeightAddresses;
      const shape = {
        input: planeOf(input),
        output,
        window,
        stride,
        dilation,
        shift,
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
function placesOfBuffers(input: Plane, output: Plane, items: number, weightBytes: number) {
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
