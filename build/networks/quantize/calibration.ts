import type { Graph } from '../../../src/nn/graph.ts';
import { tensorOf } from '../../../src/nn/images.ts';
import { lower } from '../../../src/nn/kernels/lower.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import type { InferenceBackend, Network, Tensor } from '../../../src/nn/network.ts';
import { readOnnx } from '../../../src/nn/onnx-reader.ts';
import { instructions } from '../../../wasm/formats.ts';
import { Observed } from './observed.ts';

/** Observations of one network. */
export interface ObservedNetwork {
  readonly graph: Graph;
  /** By the names of its maps; the picture is among them. */
  readonly maps: ReadonlyMap<string, Observed>;
  /** Some of the inputs that it was run on. */
  readonly inputs: readonly Tensor[];
}

/** Inputs of a network that are kept. */
const mostInputs = 12;

/**
 * A backend in float32 that looks at every map of the networks that it runs: with it the pipeline
 * itself makes the inputs that ranges are measured on.
 */
export class CalibrationBackend implements InferenceBackend {
  readonly #seen = new Map<string, ObservedNetwork>();

  /** By the networks' names. */
  get networks(): ReadonlyMap<string, ObservedNetwork> {
    return this.#seen;
  }

  async load(model: Uint8Array): Promise<Network> {
    const graph = readOnnx(model);
    const { input, layers, outputs } = lower(graph);
    const own = graph.outputs.map(({ name }) => name);
    // What is read out stays float32.
    const readOut = new Set([...outputs.values()].flatMap(({ maps }) => maps));
    const open = layers.map(({ output }) => output).filter((name) => !readOut.has(name));
    const shape = ['N', 'C', 'H', 'W'];
    const network = createKernelNetwork(
      { ...graph, outputs: [...graph.outputs, ...open.map((name) => ({ name, shape }))] },
      instructions('plain'),
      undefined,
    );
    const maps = new Map([input.value, ...open].map((name) => [name, new Observed()]));
    const inputs: Tensor[] = [];
    this.#seen.set(graph.name, { graph, maps, inputs });
    return {
      inputNames: network.inputNames,
      outputNames: own,
      runsOn: network.runsOn,
      close: () => network.close(),
      async run(given) {
        const picture = tensorOf(given[input.name]!);
        if (inputs.length < mostInputs) inputs.push({ data: picture.data.slice(), shape: picture.shape });
        const centred = picture.data.slice();
        const area = centred.length / picture.shape[0]! / input.offsets.length;
        for (let index = 0; index < centred.length; index++)
          centred[index]! += input.offsets[Math.floor(index / area) % input.offsets.length]!;
        maps.get(input.value)!.add(centred);
        const outputs = await network.run({ [input.name]: picture });
        for (const name of open) maps.get(name)!.add(outputs[name]!.data);
        return Object.fromEntries(own.map((name) => [name, outputs[name]!]));
      },
    };
  }
}
