import { nodeCosts } from '../../../build/networks/cost.ts';
import type { Picture } from '../../../src/image/picture.ts';
import type { Graph } from '../../../src/nn/graph.ts';
import type { Images } from '../../../src/nn/images.ts';
import type { InferenceBackend, Network, NetworkPart } from '../../../src/nn/network.ts';
import { readOnnx } from '../../../src/nn/onnx-reader.ts';
import type { Ports } from '../../../src/pipeline/create-instance.ts';

/** Something that a port did for the pipeline. */
export interface Event {
  /** A network's name; undefined where a decoder gave pixels. */
  readonly network: string | undefined;
  /** In milliseconds of `performance.now()`. */
  readonly start: number;
  /** Without those in which a network's images were written. */
  readonly milliseconds: number;
  /** Multiply-accumulates of a network's convolutions and matrix products. */
  readonly macs: number;
}

/** A graph without the nodes that only other outputs need; nodes behind a gate are told as if it were open. */
function withOutputs(graph: Graph, { outputs: names }: NetworkPart): Graph {
  const needed = new Set(names);
  const nodes = graph.nodes.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((name) => needed.has(name))) return false;
    for (const name of inputs) needed.add(name);
    return true;
  });
  return {
    ...graph,
    nodes: nodes.toReversed(),
    outputs: graph.outputs.filter(({ name }) => names.includes(name)),
  };
}

/** An event whose arithmetic is not counted yet. */
interface Seen extends Omit<Event, 'macs'> {
  macs(): number;
}

/** Looks on while a pipeline works, and does as little as it can meanwhile: its own work is in nobody's time. */
export class Meter {
  #seen: Seen[] = [];

  /** Events since they were last taken. */
  take(): readonly Event[] {
    const events = this.#seen.map(({ macs, ...event }): Event => ({ ...event, macs: macs() }));
    this.#seen = [];
    return events;
  }

  /** Ports that do what these do, and are watched. */
  watch({ backends, decode }: Ports): Ports {
    return {
      backends: { ...backends, onnx: async () => this.#watchBackend(await backends.onnx()) },
      decode: async (...args) => this.#watchPicture(await decode(...args)),
    };
  }

  #watchPicture(picture: Picture): Picture {
    return {
      width: picture.width,
      height: picture.height,
      view: (region, reduction) => {
        const start = performance.now();
        const view = picture.view(region, reduction);
        const milliseconds = performance.now() - start;
        this.#seen.push({ network: undefined, start, milliseconds, macs: () => 0 });
        return view;
      },
      close: () => picture.close?.(),
    };
  }

  #watchBackend(backend: InferenceBackend): InferenceBackend {
    return {
      load: async (model) => this.#watchNetwork(await backend.load(model), readOnnx(model)),
    };
  }

  #watchNetwork(network: Network, graph: Graph): Network {
    const costs = new Map<string, number>();
    const macsOf = (inputs: Parameters<Network['run']>[0]): number => {
      const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
      const key = JSON.stringify(shapes);
      const macs = costs.get(key) ?? nodeCosts(graph, shapes).reduce((sum, node) => sum + node.macs, 0);
      costs.set(key, macs);
      return macs;
    };
    return {
      ...network,
      ...(network.only && {
        only: (part) => this.#watchNetwork(network.only!(part), withOutputs(graph, part)),
      }),
      run: async (inputs) => {
        const start = performance.now();
        let drawing = 0;
        const watched = Object.entries(inputs).map(([name, input]) => {
          if (!('draw' in input)) return [name, input];
          const draw: Images['draw'] = (...image) => {
            const begun = performance.now();
            input.draw(...image);
            drawing += performance.now() - begun;
          };
          return [name, { ...input, draw }];
        });
        const outputs = await network.run(Object.fromEntries(watched));
        const milliseconds = performance.now() - start - drawing;
        this.#seen.push({ network: graph.name, start, milliseconds, macs: () => macsOf(inputs) });
        return outputs;
      },
    };
  }
}
