import { assemble } from '../../../wasm/assembler.ts';
import type { Format, Instructions } from '../../../wasm/formats.ts';
import type { Graph } from '../graph.ts';
import type { Network, Tensor } from '../network.ts';
import { align } from './arena.ts';
import { type Layer, lower } from './layers.ts';
import { packWeights } from './pack.ts';
import { type Call, type Plan, plan, type Shape, type WeightAddresses } from './plan.ts';
import { chooseStorage, type Storage } from './storage.ts';
import { readMaps, readoutLength, readoutShape, writePicture } from './transfer.ts';

/** Sizes of the input whose plans are kept. */
const mostPlans = 16;

const pageBytes = 65536;

/** A plan with its kernels compiled. */
interface Program extends Plan {
  readonly steps: readonly Step[];
}

export interface Step extends Pick<Call, 'output' | 'macs' | 'bytes'> {
  /** The kernel's name, which says what it does. */
  readonly name: string;
  run(): void;
}

/** A network on our kernels; what it does can be looked at, which benchmarks do. */
export interface KernelNetwork extends Network {
  /** The calls of kernels for one picture of a size, in their order. */
  steps(inputShape: Shape): Promise<readonly Step[]>;
}

/**
 * Packs a graph's weights into memory. Kernels are made when a size of the input is first met.
 *
 * @param integers the format for maps with limits, or undefined for float32 throughout
 * @throws UnsupportedNetworkError where a kernel is missing.
 */
export function createKernelNetwork(
  graph: Graph,
  isa: Instructions,
  integers: Format | undefined,
): KernelNetwork {
  const network = lower(graph);
  const storage = chooseStorage(network, graph.ranges ?? new Map(), isa, integers);
  const { bytes, addresses } = packAll(network.layers, storage);
  const arena = bytes.byteLength;
  let memory: WebAssembly.Memory | undefined = new WebAssembly.Memory({
    initial: Math.ceil(arena / pageBytes),
  });
  new Uint8Array(memory.buffer).set(bytes);
  const programs = new Map<string, Promise<Program>>();

  async function compile(inputShape: Shape): Promise<Program> {
    const planned = plan(network, storage, addresses, isa, inputShape, arena);
    const missing = Math.ceil(planned.end / pageBytes) - (memory?.buffer.byteLength ?? 0) / pageBytes;
    if (missing > 0) memory?.grow(missing);
    const kernels = new Map(planned.calls.map(({ kernel }) => [kernel.name, kernel]));
    const { instance } = await WebAssembly.instantiate(assemble([...kernels.values()]), {
      env: { memory: memory as WebAssembly.Memory },
    });
    const functions = instance.exports as Record<string, (...parameters: number[]) => void>;
    const steps = planned.calls.map(({ kernel: { name }, parameters, output, macs, bytes }) => {
      const run = functions[name] as (...parameters: number[]) => void;
      return { output, name, macs, bytes, run: () => run(...parameters) };
    });
    return { ...planned, steps };
  }

  function programFor(inputShape: Shape): Promise<Program> {
    const key = inputShape.join('x');
    const found = programs.get(key);
    if (found) return found;
    const [oldest] = programs.keys();
    if (programs.size === mostPlans) programs.delete(oldest as string);
    const program = compile(inputShape);
    programs.set(key, program);
    return program;
  }

  return {
    inputNames: [network.input.name],
    outputNames: [...network.outputs.keys()],
    steps: async (inputShape) => (await programFor(inputShape)).steps,
    async run(inputs) {
      const { name, shape, offsets, value } = network.input;
      const picture = inputs[name];
      if (!picture) throw new RangeError(`input ${name} is missing`);
      checkShape(name, picture, shape);
      const [batch, ...inputShape] = picture.shape as [number, number, number, number];
      const { steps, places } = await programFor(inputShape);
      if (!memory) throw new Error('the network is closed');

      const { buffer } = memory;
      const outputs = Object.fromEntries(
        [...network.outputs].map(([output, readout]) => {
          const length = readoutLength(readout, places);
          const outputShape = readoutShape(readout, places, batch, length);
          return [output, { data: new Float32Array(batch * length), shape: outputShape }];
        }),
      );
      const values = picture.data.length / batch;
      const pictureStorage = storage.get(value) as Storage;
      for (let item = 0; item < batch; item++) {
        const place = places.get(value) as NonNullable<ReturnType<typeof places.get>>;
        writePicture(
          buffer,
          place,
          pictureStorage,
          picture.data.subarray(item * values, (item + 1) * values),
          offsets,
        );
        for (const step of steps) step.run();
        for (const [output, readout] of network.outputs) {
          const { data } = outputs[output] as Tensor;
          readMaps(buffer, readout, places, storage, data, (item * data.length) / batch);
        }
      }
      return outputs;
    },
    async close() {
      programs.clear();
      memory = undefined;
    },
  };
}

function packAll(layers: readonly Layer[], storage: ReadonlyMap<string, Storage>) {
  const addresses = new Map<Layer, WeightAddresses>();
  const parts: { address: number; data: Uint8Array }[] = [];
  let end = 0;
  const append = (data: Uint8Array): number => {
    const address = end;
    parts.push({ address, data });
    end = align(address + data.length);
    return address;
  };
  for (const layer of layers) {
    if (layer.op !== 'conv') continue;
    const stored = (name: string) => storage.get(name) as Storage;
    const { weights, table, shift } = packWeights(layer, {
      input: stored(layer.input),
      output: stored(layer.output),
    });
    addresses.set(layer, {
      bytes: weights.byteLength,
      shift,
      weights: append(new Uint8Array(weights)),
      table: append(new Uint8Array(table)),
    });
  }
  const bytes = new Uint8Array(end);
  for (const { address, data } of parts) bytes.set(data, address);
  return { bytes, addresses };
}

function checkShape(name: string, { data, shape }: Tensor, expected: readonly (number | string)[]): void {
  const fits =
    shape.length === 4 &&
    shape.every((size) => Number.isSafeInteger(size) && size > 0) &&
    expected.every((size, index) => typeof size === 'string' || size === shape[index + 1]) &&
    shape.reduce((product, size) => product * size, 1) === data.length;
  if (!fits)
    throw new RangeError(
      `input ${name}: expected N×${expected.join('×')}, found [${shape}] with ${data.length} values`,
    );
}
