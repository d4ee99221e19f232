import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode } from '../../../src/nn/graph.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { assemble } from '../../../wasm/assembler.ts';
import { fill } from '../../../wasm/elementwise.ts';
import { instructions } from '../../../wasm/formats.ts';
import { guarded } from '../../../wasm/winograd.ts';
import { weightSizes, windowWeights, winogradWeights } from '../../../wasm/winograd-weights.ts';
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
    expect(names.filter((name) => / if (small|large)$/.test(name))).toHaveLength(4);

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

describe('a convolution that could be in squares', () => {
  /** Of 32 channels on pictures of a size; each is its own mean over a window, and as much of each other one. */
  const meansOf = (size: readonly (number | string)[], own: number, others: number) => {
    const channels = 32;
    const filters = Float32Array.from({ length: channels * channels * 9 }, (_, index) => {
      const [to, from] = [Math.floor(index / (9 * channels)), Math.floor(index / 9) % channels];
      return (from === to ? own : others) / 9;
    });
    const graph: Graph = {
      name: 'means',
      inputs: [{ name: 'x', shape: ['N', channels, ...size] }],
      outputs: [{ name: 'y', shape: ['N', channels, ...size] }],
      nodes: [
        {
          op: 'Conv',
          name: 'y',
          inputs: ['x', 'filters'],
          outputs: ['y'],
          attributes: { pads: [1, 1, 1, 1] },
        },
      ],
      initializers: new Map([['filters', { shape: [channels, channels, 3, 3], data: filters }]]),
      ranges: new Map([['x', { low: 0, high: 1 }]]),
    };
    return createKernelNetwork(graph, plain, plain.i16);
  };
  const inSquares = async (network: ReturnType<typeof meansOf>, side: number) =>
    (await network.steps([32, side, side])).some(({ name }) => / if (small|large)$/.test(name));

  it('is not where its weights would need more than 16 bits', async () => {
    // One channel's nine weights are as large as can be: sums of three leave 16 bits.
    const network = meansOf(['H', 'W'], 1, 0);
    expect(await inSquares(network, 8)).toBe(false);
    const data = noise(32 * 64, 3).map((value) => Math.abs(value));
    const found = (await network.run({ x: { data, shape: [1, 32, 8, 8] } })).y!.data;
    const around = [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => data[8 * (3 + y) + 4 + x]!));
    expect(found[8 * 4 + 5]).toBeCloseTo(
      around.reduce((sum, value) => sum + value / 9, 0),
      3,
    );
  });

  it('is not on pictures that are known to be too small for it to gain', async () => {
    expect(await inSquares(meansOf([4, 4], 1, 1), 4)).toBe(true);
    expect(await inSquares(meansOf([3, 3], 1, 1), 3)).toBe(false);
  });
});

describe('transformed weights', () => {
  it.each([
    [32, 32],
    [8, 40],
    [48, 8],
  ])('of %i channels to %i give back what they were made of', async (channelsIn, channelsOut) => {
    const memory = new WebAssembly.Memory({ initial: 16 });
    const functions = [winogradWeights, windowWeights];
    const { instance } = await WebAssembly.instantiate(assemble(functions), { env: { memory } });
    const call = ({ name }: { readonly name: string }, ...parameters: number[]) =>
      (instance.exports[name] as (...parameters: number[]) => void)(...parameters);
    const count = channelsIn * channelsOut * 9;
    const [packed, transformed, results, restored] = [0, 0x40000, 0x90000, 0xa0000];
    const weights = Int16Array.from(noise(count, channelsIn), (value) => Math.round(3600 * value));
    // As large as their transformed sums of nine allow, of one sign and of both.
    weights.fill(3640, 0, count / 4);
    for (let at = 0; at < count / 8; at++) weights[count / 4 + at] = at % 2 === 0 ? -3640 : 3640;
    new Int16Array(memory.buffer, packed, count).set(weights);
    const sizes = weightSizes(plain.i16, [channelsIn, channelsOut]);
    call(winogradWeights, packed, transformed, results, ...sizes);
    const extremes = new Int16Array(memory.buffer, results + channelsOut * 8, 16);
    expect(extremes.some((value) => Math.abs(value) >= 32767)).toBe(false);
    call(windowWeights, restored, transformed, ...sizes);
    expect(new Int16Array(memory.buffer, restored, count)).toEqual(weights);
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
      (instance.exports[kernel.name] as (...parameters: number[]) => void)(64, 8, 0, 0, 0, 0, 0, 7);
      expect(new Int32Array(memory.buffer)[16]).toBe(where === expected ? 3 : 0);
    }
  });
});
