import { assemble, type WasmFunction } from '../../../wasm/assembler.ts';
import type { Instructions } from '../../../wasm/formats.ts';
import type { ImageValues } from '../image-input.ts';
import type { KernelCall, WeightAddresses } from './layer-calls.ts';
import type { Layer, Layers } from './layers.ts';
import type { KernelMemory } from './memory.ts';
import { firstTogether, type PictureRows, type Plan, plan } from './plan.ts';
import type { MapShape } from './shapes.ts';
import type { Storage } from './storage.ts';

/** Sizes of the input whose plans are kept, those that were last wanted: some 60 KB each, made in a millisecond. */
const mostPlans = 32;

/** Images that go together, such as two and their mirror images, and the most pixels of each: the maps of all are there. */
const mostTogether = 4;
const mostPixels = 2 ** 16;

type Kernel = (...parameters: number[]) => void;

/** A call of a compiled kernel. */
export interface Step extends Pick<KernelCall, 'output' | 'macs' | 'bytes'> {
  /** The kernel's name, which says what it does. */
  readonly name: string;
  run(): void;
}

/** A plan with its kernels compiled. */
export interface Program extends Omit<Plan, 'calls' | 'together'> {
  /** See `wasm/picture.ts`. Absent where the first map is no picture. */
  readonly take: Readonly<Record<PictureRows, Kernel>> | undefined;
  /** By item, and behind them for all. */
  readonly steps: readonly (readonly Step[])[];
  readonly together: readonly Step[];
}

/** A network whose constants are in memory, and how its maps are stored. */
interface PackedNetwork {
  readonly storage: ReadonlyMap<string, Storage>;
  readonly addresses: ReadonlyMap<Layer, WeightAddresses>;
  readonly isa: Instructions;
  readonly memory: KernelMemory;
}

/** The programs of a network and of its parts, made when a size of the input is first met. */
export class Programs {
  readonly #packed: PackedNetwork;
  /** By name. They serve all sizes of the input, so that the engine has optimised most of them for the next one. */
  readonly #kernels = new Map<string, Kernel>();
  readonly #programs = new Map<Layers, Map<string, Promise<Program>>>();
  #closed = false;

  constructor(packed: PackedNetwork) {
    this.#packed = packed;
  }

  /**
   * The program of a network, or of a part of it, for a size of the input.
   *
   * @param items that it takes at once
   * @param values those that it wants of a picture's; undefined where its input is no picture
   * @throws Error after {@link close}
   */
  async forSize(
    network: Layers,
    inputShape: MapShape,
    items: number,
    values?: ImageValues,
  ): Promise<Program> {
    const key = `${inputShape} ${items} ${values?.mean} ${values?.scale}`;
    const ofSizes = this.#programs.get(network) ?? new Map<string, Promise<Program>>();
    this.#programs.set(network, ofSizes);
    const program = ofSizes.get(key) ?? this.#compile(network, inputShape, items, values);
    // In the order in which they were wanted.
    ofSizes.delete(key);
    ofSizes.set(key, program);
    const [oldest] = ofSizes.keys();
    if (ofSizes.size > mostPlans) ofSizes.delete(oldest!);
    const compiled = await program;
    if (this.#closed) throw new Error('the network is closed');
    return compiled;
  }

  /** Programs for a batch: each takes its next items. */
  async forBatch(
    network: Layers,
    batch: number,
    inputShape: MapShape,
    values: ImageValues,
  ): Promise<Program[]> {
    const { layers } = network;
    const [, height, width] = inputShape;
    const isShared =
      batch > 1 &&
      firstTogether(layers, this.#packed.addresses) < layers.length &&
      height * width <= mostPixels;
    const most = isShared ? mostTogether : 1;
    const programs: Program[] = [];
    for (let left = batch; left > 0; left -= most)
      programs.push(await this.forSize(network, inputShape, Math.min(left, most), values));
    return programs;
  }

  close(): void {
    this.#programs.clear();
    this.#kernels.clear();
    this.#closed = true;
  }

  async #compile(
    network: Layers,
    inputShape: MapShape,
    items: number,
    values: ImageValues | undefined,
  ): Promise<Program> {
    const { storage, addresses, isa, memory } = this.#packed;
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
    const kernels = this.#kernels;
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
}
