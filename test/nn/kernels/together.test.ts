import { expect, it } from 'vitest';
import type { GraphNode } from '../../../src/nn/graph.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { instructions } from '../../../wasm/formats.ts';
import { noise } from './noise.ts';

const plain = instructions('plain');

/**
 * Layers with few weights, then with many: plain ones and one in squares, on a map that one of few weights reads too.
 * Outputs are made before, between and behind them.
 */
function networkOfHeavyLayers() {
  const nodes: GraphNode[] = [];
  const initializers = new Map<string, { shape: number[]; data: Float32Array }>();
  const add = (op: string, output: string, inputs: string[], attributes: GraphNode['attributes'] = {}) => {
    nodes.push({ op, name: output, inputs, outputs: [output], attributes });
    return output;
  };
  const conv = (output: string, input: string, [to, from, side]: readonly [number, number, number]) => {
    const taps = from * side * side;
    const data = noise(to * taps, taps).map((weight) => (2 * weight) / taps);
    initializers.set(`${output}/filters`, { shape: [to, from, side, side], data });
    const pad = (side - 1) / 2;
    return add('Conv', output, [input, `${output}/filters`], { pads: [pad, pad, pad, pad] });
  };
  const before = add('Relu', 'before', [conv('entry', 'x', [256, 3, 3])]);
  const wide = add('Relu', 'wide', [add('Add', 'sum', [conv('squares', before, [256, 256, 3]), before])]);
  const deep = add('Relu', 'deep', [conv('product', wide, [1024, 256, 1])]);
  const mean = add('GlobalAveragePool', 'mean', [deep]);
  const outputs = [before, wide, mean];
  return createKernelNetwork(
    {
      name: 'heavy',
      inputs: [{ name: 'x', shape: ['N', 3, 'H', 'W'] }],
      outputs: outputs.map((name) => ({ name, shape: ['N', 'C', 'H', 'W'] })),
      nodes,
      initializers,
      ranges: new Map(
        ['x', before, wide, deep].map((name) => [name, { low: name === 'x' ? -1 : 0, high: 1 }]),
      ),
    },
    plain,
    plain.i16,
  );
}

it.each([
  [8, 8],
  [5, 3],
])(
  'what is computed of an image of %i rows and %i columns does not depend on those beside it',
  async (height, width) => {
    const network = networkOfHeavyLayers();
    const size = 3 * height * width;
    // Of the fifth and the sixth one is too large for squares.
    const images = [0, 1, 2, 3, 40, 5, 6].map((factor) =>
      noise(size, factor).map((value) => value * (1 + factor)),
    );
    const run = (some: readonly Float32Array[]) =>
      network.run({
        x: {
          data: Float32Array.from(some.flatMap((image) => [...image])),
          shape: [some.length, 3, height, width],
        },
      });
    const alone = await Promise.all(images.map((image) => run([image])));
    const beside = await run(images);
    expect(new Set(alone.map(({ mean }) => String(mean!.data))).size).toBe(images.length);
    for (const [name, { data }] of Object.entries(beside))
      expect(data).toEqual(Float32Array.from(alone.flatMap((outputs) => [...outputs[name]!.data])));
  },
);
