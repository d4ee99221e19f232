import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode } from '../../../src/nn/graph.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { assemble } from '../../../wasm/assembler.ts';
import { fill } from '../../../wasm/elementwise.ts';
import { instructions } from '../../../wasm/formats.ts';
import { guarded } from '../../../wasm/winograd.ts';
import { noise } from './noise.ts';

const plain = instructions('plain');

interface Convolution {
  readonly channelsIn: number;
  readonly channelsOut: number;
  /** Layers behind the convolution, which join it. */
  readonly residual: boolean;
  readonly relu: boolean;
  /** True: the output is stored in 16 bits, too. */
  readonly whole: boolean;
}

/** The largest value of the input's map, and one that is small enough for squares: they take half as much. */
const [large, small] = [1, 0.499];

/**
 * A convolution of 3×3 of an input without negative values. The sums of its first three channels
 * are as large, as small and as mixed as can be.
 */
function convolutionOf({ channelsIn, channelsOut, residual, relu, whole }: Convolution) {
  const taps = channelsIn * 9;
  const filters = noise(channelsOut * taps, channelsOut).map((weight, index) => {
    const sign = [1, -1, index % 2 === 0 ? 1 : -1][Math.floor(index / taps)];
    return (sign ?? 4 * weight) / taps;
  });
  const nodes: GraphNode[] = [];
  const add = (op: string, ...inputs: string[]) =>
    nodes.push({ op, name: op, inputs, outputs: [op], attributes: { pads: [1, 1, 1, 1] } });
  add('Conv', 'x', 'filters', 'bias');
  if (residual) add('Add', 'Conv', 'x');
  if (relu) add('Relu', residual ? 'Add' : 'Conv');
  const output = nodes.at(-1)!.op;
  const graph: Graph = {
    name: 'convolution',
    inputs: [{ name: 'x', shape: ['N', channelsIn, 'H', 'W'] }],
    outputs: [{ name: output, shape: ['N', channelsOut, 'H', 'W'] }],
    nodes,
    initializers: new Map([
      ['filters', { shape: [channelsOut, channelsIn, 3, 3], data: filters }],
      ['bias', { shape: [channelsOut], data: noise(channelsOut, 5) }],
    ]),
    ranges: new Map(['x', ...(whole ? [output] : [])].map((name) => [name, { low: 0, high: large }])),
  };
  if (whole && !relu) throw new Error('its range is that of an activation');
  return { network: createKernelNetwork(graph, plain, plain.i16), output };
}

describe.each<Convolution>([
  { channelsIn: 32, channelsOut: 32, residual: true, relu: true, whole: true },
  { channelsIn: 32, channelsOut: 64, residual: false, relu: true, whole: true },
  // Blocks of eight channels.
  { channelsIn: 40, channelsOut: 40, residual: false, relu: false, whole: false },
  { channelsIn: 128, channelsOut: 32, residual: false, relu: true, whole: false },
  { channelsIn: 48, channelsOut: 48, residual: true, relu: false, whole: false },
])('a convolution in squares: %j', (convolution) => {
  const { channelsIn, channelsOut } = convolution;
  it.each([
    [4, 4],
    [5, 6],
    [6, 5],
    [9, 11],
    [16, 2],
    [1, 9],
  ] as const)('of %i rows and %i columns gives the same bits as one without', async (height, width) => {
    const { network, output } = convolutionOf(convolution);
    const names = (await network.steps([channelsIn, height, width])).map(({ name }) => name);
    expect(names.filter((name) => / if (small|large)$/.test(name))).toHaveLength(3);

    const shape = [1, channelsIn, height, width];
    const run = async (data: Float32Array) =>
      ((await network.run({ x: { data, shape } }))[output]!.data as Float32Array).slice();
    const pixels = height * width;
    const random = noise(channelsIn * pixels, width).map((value) => small * Math.abs(value));
    for (const data of [random, random.map(() => small)]) {
      const inSquares = await run(data);
      // One value of the first or last pixel is too large for squares: it changes what is beside it alone.
      for (const [changed, own] of [
        [0, (y: number, x: number) => y > 1 || x > 1],
        [pixels - 1, (y: number, x: number) => y < height - 2 || x < width - 2],
      ] as const) {
        const directly = await run(Float32Array.from(data, (value, at) => (at === changed ? large : value)));
        expect(directly).not.toEqual(inSquares);
        const untouched = (values: Float32Array) =>
          values.filter((_, at) => own(Math.floor((at % pixels) / width), at % width));
        expect(untouched(inSquares).length).toBeGreaterThanOrEqual(channelsOut * (pixels - 4));
        expect(untouched(directly)).toEqual(untouched(inSquares));
      }
    }
  });
});

describe('a guarded kernel', () => {
  it.each([
    [[7, 7, 7, 7, 7, 7, 7, 7], 'small'],
    [[0, 0, 0, 8, 0, 0, 0, 0], 'large'],
    [[0, 0, 0, 0, 0, 0, 0, 32767], 'large'],
    [[-1, 0, 0, 0, 0, 0, 0, 7], 'small'],
  ] as const)('runs by the largest of %j beside 7', async (words, expected) => {
    for (const where of ['small', 'large'] as const) {
      const memory = new WebAssembly.Memory({ initial: 1 });
      const kernel = guarded(fill(3), where);
      const { instance } = await WebAssembly.instantiate(assemble([kernel]), { env: { memory } });
      new Int16Array(memory.buffer).set(words);
      (instance.exports[kernel.name] as (...parameters: number[]) => void)(64, 8, 0, 1, 0, 7);
      expect(new Int32Array(memory.buffer)[16]).toBe(where === expected ? 3 : 0);
    }
  });
});
