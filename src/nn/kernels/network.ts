import { assemble, type WasmFunction } from '../../../wasm/assembler.ts';
import type { Format, Instructions } from '../../../wasm/formats.ts';
import type { Canvas } from '../../image/canvas.ts';
import { type Box, type Size, wholeOf } from '../../image/geometry.ts';
import { copyPixels, freeBytes, placeFor } from '../../image/raster.ts';
import type { Graph } from '../graph.ts';
import { type ImageValues, normalised } from '../image-input.ts';
import type { Images } from '../images.ts';
import type { Gate, Network, Stem, Tensor } from '../network.ts';
import { align } from './arena.ts';
import type { KernelCall, MapPlace, MapPlaces, WeightAddresses } from './layer-calls.ts';
import type { Layer, Layers, LayerWeights } from './layers.ts';
import { lower } from './lower.ts';
import { KernelMemory } from './memory.ts';
import { packedBytes, packWeights } from './pack.ts';
import { withOutputs } from './part.ts';
import { firstTogether, type PictureRows, type Plan, plan } from './plan.ts';
import { type MapShape, mapShapes } from './shapes.ts';
import { bandsOf, cutOf, pictureShape } from './stem.ts';
import { chooseStorage, type Storage } from './storage.ts';
import { openCells, readCells, readMaps, storedRow, tensorFor } from './transfer.ts';
import { suitsSquares, transformedBytes, transformPacked } from './winograd.ts';

/** Sizes of the input whose plans are kept, those that were last wanted: some 60 KB each, made in a millisecond. */
const mostPlans = 32;

/** Images that go together, such as one and its mirror image, and the most pixels of each: the maps of both are there. */
const mostTogether = 2;
const mostPixels = 2 ** 16;

/** A plan with its kernels compiled. */
interface Program extends Omit<Plan, 'calls' | 'together'> {
  /** See `wasm/picture.ts`. Absent where the first map is no picture. */
  readonly take: Readonly<Record<PictureRows, Kernel>> | undefined;
  /** By item, and behind them for all. */
  readonly steps: readonly (readonly Step[])[];
  readonly together: readonly Step[];
}

type Kernel = (...parameters: number[]) => void;

/** Puts an item of a batch in the place of its first map, where a program reads it. */
type Load = (item: number, place: MapPlace, program: Program) => void;

export interface Step extends Pick<KernelCall, 'output' | 'macs' | 'bytes'> {
  /** The kernel's name, which says what it does. */
  readonly name: string;
  run(): void;
}

/** A network on our kernels; what it does can be looked at, which benchmarks do. */
export interface KernelNetwork extends Network {
  /** The calls of kernels for one picture of a size, in their order. */
  steps(inputShape: MapShape): Promise<readonly Step[]>;
}

/**
 * Packs a graph's weights into memory. Kernels are made when a size of the input is first met.
 *
 * @param integers the format for maps with limits, or undefined for float32 throughout
 * @param memory may be that of other networks, which do not run at the same time
 * @throws UnsupportedNetworkError where a kernel is missing.
 */
export function createKernelNetwork(
  graph: Graph,
  isa: Instructions,
  integers: Format | undefined,
  memory = new KernelMemory(),
): KernelNetwork {
  // The constants are not needed again: no function below may hold them.
  const { weights, ...whole } = lower(graph);
  const storage = chooseStorage(whole, graph.ranges ?? new Map(), isa, integers);
  const addresses = packAll(whole, weights, storage, memory);
  /** By name. They serve all sizes of the input, so that the engine has optimised most of them for the next one. */
  const kernels = new Map<string, Kernel>();
  const programs = new Map<Layers, Map<string, Promise<Program>>>();
  const stems = new Map<Layers, Stem | undefined>();
  let closed = false;

  return networkOf(whole);

  /**
   * The program of a network, or of a part of it, for a size of the input.
   *
   * @param items that it takes at once
   * @param values those that it wants of a picture's; undefined where its input is no picture
   */
  async function programFor(
    network: Layers,
    inputShape: MapShape,
    items: number,
    values?: ImageValues,
  ): Promise<Program> {
    const key = `${inputShape} ${items} ${values?.mean} ${values?.scale}`;
    const ofSizes = programs.get(network) ?? new Map<string, Promise<Program>>();
    programs.set(network, ofSizes);
    const program = ofSizes.get(key) ?? compile(network, inputShape, items, values);
    // In the order in which they were wanted.
    ofSizes.delete(key);
    ofSizes.set(key, program);
    const [oldest] = ofSizes.keys();
    if (ofSizes.size > mostPlans) ofSizes.delete(oldest!);
    const compiled = await program;
    if (closed) throw new Error('the network is closed');
    return compiled;
  }

  async function compile(
    network: Layers,
    inputShape: MapShape,
    items: number,
    values: ImageValues | undefined,
  ): Promise<Program> {
    const { calls, together, ...planned } = plan(
      network,
      storage,
      addresses,
      isa,
      inputShape,
      items,
      values,
      (bytes) => memory.arenaOf(bytes),
    );
    const { pictureRows } = planned;
    const all = [...calls.flat(), ...together];
    const needed = [...Object.values(pictureRows ?? {}), ...all.map(({ kernel }) => kernel)];
    const missing = new Map(
      needed.filter(({ name }) => !kernels.has(name)).map((kernel) => [kernel.name, kernel]),
    );
    if (missing.size > 0) {
      const { instance } = await WebAssembly.instantiate(assemble([...missing.values()]), {
        env: { memory: memory.memory },
      });
      for (const name of missing.keys()) kernels.set(name, instance.exports[name] as Kernel);
    }
    const stepOf = ({ kernel: { name }, parameters, output, macs, bytes }: KernelCall): Step => {
      const run = kernels.get(name)!;
      return { output, name, macs, bytes, run: () => run(...parameters) };
    };
    const kernelOf = ({ name }: WasmFunction) => kernels.get(name)!;
    const take = pictureRows && {
      bytes: kernelOf(pictureRows.bytes),
      floats: kernelOf(pictureRows.floats),
      mirrored: kernelOf(pictureRows.mirrored),
    };
    return { ...planned, take, steps: calls.map((each) => each.map(stepOf)), together: together.map(stepOf) };
  }

  /** A picture, of which an item's first map is made. */
  function canvasOf(
    { take, rowsAddress, rowsBytes }: Program,
    { shape, plane, address }: MapPlace,
    { order }: ImageValues,
  ): Canvas {
    const [channels, height, width] = shape;
    const bytes = new Uint8Array(memory.buffer);
    const floats = new Float32Array(memory.buffer, rowsAddress, rowsBytes / 4);
    /** So many rows of a box at a time. */
    const inBands = (
      { left, top, right, bottom }: Box,
      most: number,
      takeRows: (columns: number, y: number, rows: number, target: number) => void,
    ) => {
      const columns = right - left;
      for (let y = top; y < bottom; y += most)
        takeRows(
          columns,
          y - top,
          Math.min(most, bottom - y),
          address + y * plane.rowBytes + left * plane.pixelBytes,
        );
    };
    const canvas: Canvas = {
      width,
      height,
      put(box, pixels) {
        const row = channels * (box.right - box.left);
        inBands(box, Math.floor(rowsBytes / (4 * row)), (columns, y, rows, target) => {
          const isAlike = pixels.length === row;
          floats.set(isAlike ? pixels : pixels.subarray(y * row, (y + rows) * row));
          take!.floats(rowsAddress, target, columns, rows, isAlike ? 0 : 4 * row, plane.rowBytes);
        });
      },
      copy(box, raster, left, top) {
        const most = Math.floor((rowsBytes - freeBytes) / (3 * (box.right - box.left) + freeBytes));
        inBands(box, most, (columns, y, rows, target) => {
          const source = { left, top: top + y, right: left + columns, bottom: top + y + rows };
          const place = placeFor(raster, source, rowsAddress);
          copyPixels(raster, source, bytes, place);
          take!.bytes(place.at, target, columns, rows, place.rowBytes, plane.rowBytes);
        });
      },
    };
    return normalised(canvas, { ...asTheyAre, order });
  }

  /** Puts images where a program reads them. What is the mirror image of another is not drawn. */
  function loaderOf({
    values,
    draw,
    mirrors = () => false,
  }: Pick<Images, 'values' | 'draw' | 'mirrors'>): Load {
    return (item, place, program) => {
      const { plane, address } = place;
      const bytes = plane.height * plane.rowBytes;
      if (mirrors(item)) {
        const mirrored = memory.scratch(bytes);
        new Uint8Array(memory.buffer).copyWithin(address, mirrored, mirrored + bytes);
      } else draw(item, canvasOf(program, place, values));
      if (mirrors(item + 1))
        program.take!.mirrored(address, memory.scratch(bytes), plane.width, plane.height, plane.rowBytes);
    };
  }

  /** Programs for a batch: each takes its next items. */
  async function programsFor(
    network: Layers,
    batch: number,
    inputShape: MapShape,
    values: ImageValues,
  ): Promise<Program[]> {
    const { layers } = network;
    const [, height, width] = inputShape;
    const isShared = firstTogether(layers, addresses) < layers.length && height * width <= mostPixels;
    const most = isShared ? mostTogether : 1;
    const programs: Program[] = [];
    for (let left = batch; left > 0; left -= most)
      programs.push(await programFor(network, inputShape, Math.min(left, most), values));
    return programs;
  }

  /** Runs programs one after the other, each on the items that it takes. */
  function runOn(network: Layers, programs: readonly Program[], load: Load): Record<string, Tensor> {
    const batch = programs.reduce((sum, { places }) => sum + places.length, 0);
    const gates = new Set([...network.outputs.values()].flatMap(({ gate }) => gate ?? []));
    if (gates.size > 0 && batch > 1) throw new RangeError('a pass with gates takes one image');
    const outputs: Record<string, Tensor> = {};
    let first = 0;
    for (const program of programs) {
      for (const [index, places] of program.places.entries()) {
        load(first + index, places.get(network.input.value)!, program);
        for (const step of program.steps[index]!) step.run();
      }
      for (const step of program.together) step.run();
      for (const places of program.places) readInto(outputs, network, gates, places, first++, batch);
    }
    return outputs;
  }

  /** Reads the outputs of an item of a batch. */
  function readInto(
    outputs: Record<string, Tensor>,
    network: Layers,
    gates: ReadonlySet<Gate>,
    places: MapPlaces,
    item: number,
    batch: number,
  ): void {
    const maps = { memory: memory.buffer, places, storage };
    const open = new Map([...gates].map((gate) => [gate, openCells(maps, gate)]));
    for (const [output, readout] of network.outputs) {
      if (readout.gate) outputs[output] = readCells(maps, readout, open.get(readout.gate)!);
      else {
        outputs[output] ??= tensorFor(readout, places, batch);
        const { data } = outputs[output];
        readMaps(maps, readout, data, (item * data.length) / batch);
      }
    }
  }

  function stemOf(network: Layers): Stem | undefined {
    const cut = cutOf(network);
    if (!cut) return undefined;
    const { map, before, behind, stride } = cut;
    const shapeFor = (size: Size) => mapShapes(before, pictureShape(size)).get(map)!;
    return {
      bands: (size, wanted) => bandsOf(cut, size, wanted),
      bytes(size) {
        const [, height, width] = shapeFor(size);
        const { stored, format } = storage.get(map)!;
        return height * width * stored * format.bytes;
      },
      async make({ rows, seen }, { shape, values, draw }, target) {
        const program = await programFor(before, shape.slice(1) as unknown as MapShape, 1, values);
        runOn(before, [program], (_, place) => draw(0, canvasOf(program, place, values)));
        const place = program.places[0]!.get(map)!;
        for (let row = rows.from; row < rows.end; row++) {
          const stored = storedRow(memory.buffer, place, row - seen.from / stride);
          target.set(stored, row * stored.length);
        }
      },
      async finish(size, source) {
        const program = await programFor(behind, shapeFor(size), 1);
        return runOn(behind, [program], (_, place) => {
          for (let row = 0; row < place.plane.height; row++) {
            const stored = storedRow(memory.buffer, place, row);
            stored.set(source.subarray(row * stored.length, (row + 1) * stored.length));
          }
        });
      },
    };
  }

  /** A network of the layers that are given, which may be some of all. */
  function networkOf(network: Layers): KernelNetwork {
    /** By what is wanted: each is planned once, however often it is asked for. */
    const parts = new Map<string, KernelNetwork>();

    return {
      inputNames: [network.input.name],
      outputNames: [...network.outputs.keys()],
      runsOn: describe(isa, storage),
      async steps(inputShape) {
        const { steps, together } = await programFor(network, inputShape, 1, asTheyAre);
        return [...steps.flat(), ...together];
      },
      only(wanted) {
        const key = JSON.stringify(wanted);
        const part = parts.get(key) ?? networkOf(withOutputs(network, wanted));
        parts.set(key, part);
        return part;
      },
      async run(inputs) {
        const { name, shape } = network.input;
        const picture = inputs[name];
        if (!picture) throw new RangeError(`input ${name} is missing`);
        checkShape(name, picture, shape);
        const [batch, ...inputShape] = picture.shape as [number, number, number, number];
        const images = 'draw' in picture ? picture : imagesOf(picture);
        const programs = await programsFor(network, batch, inputShape, images.values);
        return runOn(network, programs, loaderOf(images));
      },
      stem() {
        if (!stems.has(network)) stems.set(network, stemOf(network));
        return stems.get(network);
      },
      async close() {
        programs.clear();
        stems.clear();
        parts.clear();
        kernels.clear();
        closed = true;
      },
    };
  }
}

/** Values that nothing is done to. */
const asTheyAre: ImageValues = { order: 'RGB', mean: 0, scale: 1 };

/** The pictures of a tensor, which may have any number of channels. */
function imagesOf({ data, shape }: Tensor): Pick<Images, 'values' | 'draw'> {
  const [, channels, height, width] = shape as [number, number, number, number];
  const size = height * width;
  return {
    values: asTheyAre,
    draw(index, canvas) {
      const pixels = new Float32Array(channels * size);
      const first = index * pixels.length;
      pixels.forEach((_, at) => {
        pixels[at] = data[first + (at % channels) * size + Math.floor(at / channels)]!;
      });
      canvas.put(wholeOf(canvas), pixels);
    },
  };
}

/** The instructions that kernels are made of, and how most maps are stored. */
function describe({ level }: Instructions, storage: ReadonlyMap<string, Storage>): string {
  const whole = [...storage.values()].some(({ format }) => format.name === 'i16');
  return `phiz kernels, WASM ${level === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}, ${whole ? '16-bit integers' : 'float32'}`;
}

function packAll(
  network: Layers,
  constants: LayerWeights,
  storage: ReadonlyMap<string, Storage>,
  memory: KernelMemory,
): Map<Layer, WeightAddresses> {
  const stored = (name: string) => storage.get(name)!;
  const { shape } = network.input;
  const isFixed = shape.every((size) => typeof size === 'number');
  const shapes = isFixed ? mapShapes(network, shape as unknown as MapShape) : undefined;
  const convolutions = [...constants].map(([layer, weights]) => {
    const maps = { input: stored(layer.input), output: stored(layer.output) };
    const inSquares = suitsSquares(layer, maps, shapes?.get(layer.output));
    const bytes = packedBytes(layer, maps);
    return {
      layer,
      weights,
      maps,
      inSquares,
      bytes,
      kept: inSquares ? transformedBytes(maps) : bytes.weights,
    };
  });
  let address = memory.take(
    convolutions.reduce((sum, { bytes, kept }) => sum + align(kept) + align(bytes.table), 0),
  );
  const addresses = new Map<Layer, WeightAddresses>();
  for (const { layer, weights, maps, inSquares, bytes, kept } of convolutions) {
    const table = address + align(kept);
    const packTo = (to: number): WeightAddresses => {
      const ending = packWeights(layer, weights, maps, memory, { weights: to, table });
      return { weights: to, table, ...ending, bytes: bytes.weights };
    };
    if (inSquares) {
      const scratch = memory.scratch(bytes.weights);
      new Uint8Array(memory.buffer, scratch, bytes.weights).fill(0);
      const packed = packTo(scratch);
      const winograd = transformPacked(layer, maps, memory, packed, address);
      addresses.set(
        layer,
        winograd ? { ...packed, weights: address, winograd } : packTo(memory.take(bytes.weights)),
      );
    } else addresses.set(layer, packTo(address));
    address = table + align(bytes.table);
  }
  return addresses;
}

function checkShape(name: string, input: Tensor | Images, expected: readonly (number | string)[]): void {
  const { shape } = input;
  const sized =
    shape.length === 4 &&
    shape.every((size) => Number.isSafeInteger(size) && size > 0) &&
    expected.every((size, index) => typeof size === 'string' || size === shape[index + 1]);
  const values = shape.reduce((product, size) => product * size, 1);
  const found = 'draw' in input ? values : input.data.length;
  if (!sized || found !== values)
    throw new RangeError(
      `input ${name}: expected N×${expected.join('×')}, found [${shape}] with ${found} values`,
    );
}
