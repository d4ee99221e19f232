import { assemble } from '../../../wasm/assembler.ts';
import type { Format, Instructions } from '../../../wasm/formats.ts';
import type { ImageRows } from '../../image/image-rows.ts';
import type { Graph } from '../graph.ts';
import type { Images } from '../images.ts';
import type { Network, Tensor } from '../network.ts';
import { align } from './arena.ts';
import { type Layer, type Layers, type LayerWeights, lower, withOutputs } from './layers.ts';
import { KernelMemory } from './memory.ts';
import { packedBytes, packWeights } from './pack.ts';
import {
  type KernelCall,
  type MapPlace,
  type MapShape,
  mapShapes,
  type Plan,
  plan,
  type WeightAddresses,
} from './plan.ts';
import { chooseStorage, type Storage } from './storage.ts';
import { readMaps, readoutLength, readoutShape } from './transfer.ts';
import { suitsSquares, transformedBytes, transformPacked } from './winograd.ts';

/** Sizes of the input whose plans are kept. */
const mostPlans = 16;

/** A plan with its kernels compiled. */
interface Program extends Plan {
  readonly takeRow: Kernel;
  readonly steps: readonly Step[];
}

type Kernel = (...parameters: number[]) => void;

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
  let closed = false;

  return networkOf(whole);

  /** A network of the layers that are given, which may be some of all. */
  function networkOf(network: Layers): KernelNetwork {
    const programs = new Map<string, Promise<Program>>();
    /** By what is wanted: each is planned once, however often it is asked for. */
    const parts = new Map<string, KernelNetwork>();

    async function compile(inputShape: MapShape): Promise<Program> {
      const planned = plan(network, storage, addresses, isa, inputShape, (bytes) => memory.arenaOf(bytes));
      const needed = [planned.pictureRow, ...planned.calls.map(({ kernel }) => kernel)];
      const missing = new Map(
        needed.filter(({ name }) => !kernels.has(name)).map((kernel) => [kernel.name, kernel]),
      );
      if (missing.size > 0) {
        const { instance } = await WebAssembly.instantiate(assemble([...missing.values()]), {
          env: { memory: memory.memory },
        });
        for (const name of missing.keys()) kernels.set(name, instance.exports[name] as Kernel);
      }
      const steps = planned.calls.map(({ kernel: { name }, parameters, output, macs, bytes }) => {
        const run = kernels.get(name) as Kernel;
        return { output, name, macs, bytes, run: () => run(...parameters) };
      });
      return { ...planned, takeRow: kernels.get(planned.pictureRow.name) as Kernel, steps };
    }

    function programFor(inputShape: MapShape): Promise<Program> {
      const key = inputShape.join('x');
      const found = programs.get(key);
      if (found) return found;
      const [oldest] = programs.keys();
      if (programs.size === mostPlans) programs.delete(oldest as string);
      const program = compile(inputShape);
      programs.set(key, program);
      return program;
    }

    /** The rows of a picture, which become those of the first map. */
    function rowsOf({ takeRow, rowAddress, places }: Program): ImageRows {
      const { shape, plane, address } = places.get(network.input.value) as MapPlace;
      const [channels, , width] = shape;
      let target = address;
      return {
        row: new Float32Array(memory.buffer, rowAddress, channels * width),
        next() {
          takeRow(rowAddress, target, width, 4 * width);
          target += plane.rowBytes;
        },
      };
    }

    return {
      inputNames: [network.input.name],
      outputNames: [...network.outputs.keys()],
      runsOn: describe(isa, storage),
      steps: async (inputShape) => (await programFor(inputShape)).steps,
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
        const program = await programFor(inputShape);
        const { steps, places } = program;
        if (closed) throw new Error('the network is closed');

        const { buffer } = memory;
        const outputs = Object.fromEntries(
          [...network.outputs].map(([output, readout]) => {
            const length = readoutLength(readout, places);
            const outputShape = readoutShape(readout, places, batch, length);
            return [output, { data: new Float32Array(batch * length), shape: outputShape }];
          }),
        );
        const write = 'write' in picture ? picture.write : writerOf(picture);
        for (let item = 0; item < batch; item++) {
          write(item, rowsOf(program));
          for (const step of steps) step.run();
          for (const [output, readout] of network.outputs) {
            const { data } = outputs[output] as Tensor;
            readMaps(buffer, readout, places, storage, network.gates, data, (item * data.length) / batch);
          }
        }
        return outputs;
      },
      async close() {
        programs.clear();
        parts.clear();
        kernels.clear();
        closed = true;
      },
    };
  }
}

/** Writes the pictures of a tensor, row by row. */
function writerOf({ data, shape }: Tensor): Images['write'] {
  const [, channels, height, width] = shape as [number, number, number, number];
  return (index, { row, next }) => {
    const first = index * channels * height;
    for (let y = 0; y < height; y++) {
      for (let channel = 0; channel < channels; channel++) {
        const from = (first + channel * height + y) * width;
        row.set(data.subarray(from, from + width), channel * width);
      }
      next();
    }
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
  const stored = (name: string) => storage.get(name) as Storage;
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
      const shift = packWeights(layer, weights, maps, memory, { weights: to, table });
      return { weights: to, table, shift, bytes: bytes.weights };
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
  const found = 'write' in input ? values : input.data.length;
  if (!sized || found !== values)
    throw new RangeError(
      `input ${name}: expected N×${expected.join('×')}, found [${shape}] with ${found} values`,
    );
}
