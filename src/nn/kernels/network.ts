import type { Format, Instructions } from '../../../wasm/formats.ts';
import { type Size, wholeOf } from '../../image/geometry.ts';
import type { Graph } from '../graph.ts';
import { asTheyAre } from '../image-input.ts';
import type { Images } from '../images.ts';
import type { Gate, Network, Stem, Tensor } from '../network.ts';
import type { MapPlaces } from './layer-calls.ts';
import type { Layers } from './layers.ts';
import { lower } from './lower.ts';
import { KernelMemory } from './memory.ts';
import { packAll } from './pack-all.ts';
import { withOutputs } from './part.ts';
import { type Load, loaderOf, pictureCanvas } from './picture-canvas.ts';
import { type Program, Programs, type Step } from './programs.ts';
import { type MapShape, mapShapes } from './shapes.ts';
import { bandsOf, cutOf, pictureShape } from './stem.ts';
import { chooseStorage, type Storage } from './storage.ts';
import { openCells, readCells, readMaps, storedRow, tensorFor } from './transfer.ts';

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
  const programs = new Programs({ storage, addresses, isa, memory });
  const stems = new Map<Layers, Stem | undefined>();

  return networkOf(whole);

  /** Runs programs one after the other, each on the items that it takes. */
  function runOn(network: Layers, ofBatch: readonly Program[], load: Load): Record<string, Tensor> {
    const batch = ofBatch.reduce((sum, { places }) => sum + places.length, 0);
    const gates = new Set([...network.outputs.values()].flatMap(({ gate }) => gate ?? []));
    if (gates.size > 0 && batch > 1) throw new RangeError('a pass with gates takes one image');
    const outputs: Record<string, Tensor> = {};
    let first = 0;
    for (const program of ofBatch) {
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
        const program = await programs.forSize(before, shape.slice(1) as unknown as MapShape, 1, values);
        runOn(before, [program], (_, place) => draw(0, pictureCanvas(memory, program, place, values)));
        const place = program.places[0]!.get(map)!;
        for (let row = rows.from; row < rows.end; row++) {
          const stored = storedRow(memory.buffer, place, row - seen.from / stride);
          target.set(stored, row * stored.length);
        }
      },
      async finish(size, source) {
        const program = await programs.forSize(behind, shapeFor(size), 1);
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
        const { steps, together } = await programs.forSize(network, inputShape, 1, asTheyAre);
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
        const ofBatch = await programs.forBatch(network, batch, inputShape, images.values);
        return runOn(network, ofBatch, loaderOf(memory, images));
      },
      stem() {
        if (!stems.has(network)) stems.set(network, stemOf(network));
        return stems.get(network);
      },
      async close() {
        programs.close();
        stems.clear();
        parts.clear();
      },
    };
  }
}

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
