import type { WasmFunction } from '../../../wasm/assembler.ts';
import { fill } from '../../../wasm/elementwise.ts';
import type { Format, Instructions } from '../../../wasm/formats.ts';
import { mirrorRows, type PictureShape, pictureRows } from '../../../wasm/picture.ts';
import { type Border, noBorder, type Plane, plane, roundUp } from '../../../wasm/plane.ts';
import { type ImageValues, ofChannels } from '../image-input.ts';
import { align, type Block, placeBlocks } from './arena.ts';
import {
  type KernelCall,
  layerCalls,
  type MapPlace,
  type MapPlaces,
  placesOfBuffers,
  type WeightAddresses,
} from './layer-calls.ts';
import {
  type ConvLayer,
  inputsOf,
  type Layer,
  type Layers,
  type PoolLayer,
  UnsupportedNetworkError,
} from './layers.ts';
import { type MapShape, mapShapes, windowOf } from './shapes.ts';
import type { Storage } from './storage.ts';

/** What rows of a picture's map are made of. */
export type PictureRows = 'bytes' | 'floats' | 'mirrored';

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
  const { borders, borderWords } = surroundings(layers, shapes, storage, inSquares);
  const names = [input.value, ...layers.map(({ output }) => output)];
  const planes = names.map((name) => {
    const [, height, width] = shapes.get(name)!;
    const { format, stored } = storage.get(name)!;
    return plane(format, [stored, height, width], borders.get(name));
  });
  const [channels, , width] = inputShape;
  const rowsBytes = Math.max(leastRowsBytes, channels * width * 4);
  const rowsBlock = { bytes: rowsBytes + rowsOverrun, from: 0, until: 0 };
  const planeOf = (name: string) => planes[names.indexOf(name)]!;
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
  const rowsAddress = arena + offsets[names.length]!;
  const bufferAddress = (index: number) => arena + offsets[names.length + 1 + index]!;
  const places = Array.from(
    { length: items },
    (_, item): MapPlaces =>
      new Map(
        names.map((name, index) => {
          const plane = planes[index]!;
          const behind = blocks[index]!.until > first ? item * align(plane.byteLength) : 0;
          const address = arena + offsets[index]! + behind + plane.origin;
          return [name, { shape: shapes.get(name)!, plane, address }];
        }),
      ),
  );

  const surround = (name: string, of: readonly MapPlaces[]): KernelCall[] => {
    const word = borderWords.get(name);
    return word === undefined ? [] : of.map((maps) => surroundCall(name, maps.get(name)!, word));
  };
  const callsOf = (index: number, of: readonly MapPlaces[]): KernelCall[] => {
    const layer = layers[index]!;
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
  const { unit, low, high } = storage.get(input.value)!;
  const pictureShape = values && {
    channels,
    means: ofChannels(values.mean),
    scales: ofChannels(values.scale),
    output: planeOf(input.value),
    offsets: input.offsets,
    unit,
    low,
    high,
  };
  return {
    calls,
    together,
    places,
    pictureRows: pictureShape && rowKernels(pictureShape),
    rowsAddress,
    rowsBytes,
  };
}

const rowKernels = (shape: PictureShape): NonNullable<Plan['pictureRows']> => ({
  bytes: pictureRows(shape, 'bytes'),
  floats: pictureRows(shape, 'floats'),
  mirrored: mirrorRows(shape.output),
});

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

/**
 * What is seen around maps, by their names: how far it reaches, and the 32-bit word that it is filled with.
 *
 * @param inSquares whether a layer is computed in squares of 2×2 pixels
 * @throws UnsupportedNetworkError where two layers want different values around one map
 */
function surroundings(
  layers: readonly Layer[],
  shapes: ReadonlyMap<string, MapShape>,
  storage: ReadonlyMap<string, Storage>,
  inSquares: (layer: Layer) => boolean,
): { readonly borders: ReadonlyMap<string, Border>; readonly borderWords: ReadonlyMap<string, number> } {
  const borders = new Map<string, Border>();
  const borderWords = new Map<string, number>();
  for (const layer of layers) {
    if (layer.op !== 'conv' && layer.op !== 'pool') continue;
    const seen = borderSeen(layer, shapes, inSquares(layer) ? 2 : 1);
    if (isEmpty(seen)) continue;
    const { low, format } = storage.get(layer.input)!;
    const word = wordOf(format, layer.op === 'pool' ? low : 0);
    if ((borderWords.get(layer.input) ?? word) !== word)
      throw new UnsupportedNetworkError(`${layer.input}: its readers disagree on what surrounds it`);
    borderWords.set(layer.input, word);
    borders.set(layer.input, union(borders.get(layer.input) ?? noBorder, seen));
  }
  return { borders, borderWords };
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
  const [, height, width] = shapes.get(layer.input)!;
  const [rows, columns] = shapes
    .get(layer.output)!
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
