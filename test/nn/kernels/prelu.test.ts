import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode } from '../../../src/nn/graph.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { simdLevel } from '../../../src/nn/kernels/simd.ts';
import { instructions } from '../../../wasm/formats.ts';
import { noise } from './noise.ts';

const plain = instructions('plain');
const here = instructions(simdLevel());
/** Three blocks of a plain convolution, whose last is half a block of a depthwise one. */
const channels = 24;
const [height, width] = [3, 5];
const area = height * width;

const values = noise(channels * area, 0);
/** Some negative, some over 1, one 0. */
const slopes = Float32Array.from({ length: channels }, (_, index) => (index - 6) / 2);
const bias = noise(channels, 5).map((value) => value / 4);

/** @param added whether the picture is added before the activation */
function graphOf(depthwise: boolean, filters: Float32Array, added = false): Graph {
  const conv = {
    op: 'Conv',
    name: 'conv',
    inputs: ['x', 'filters', 'bias'],
    outputs: ['sums'],
    attributes: { group: depthwise ? channels : 1 },
  };
  const add = { op: 'Add', name: 'add', inputs: ['sums', 'x'], outputs: ['added'], attributes: {} };
  const prelu = {
    op: 'PRelu',
    name: 'prelu',
    inputs: [added ? 'added' : 'sums', 'slopes'],
    outputs: ['y'],
    attributes: {},
  };
  return {
    name: 'prelu',
    inputs: [{ name: 'x', shape: ['N', channels, height, width] }],
    outputs: [{ name: 'y', shape: ['N', channels, height, width] }],
    nodes: added ? [conv, add, prelu] : [conv, prelu],
    initializers: new Map([
      ['filters', { shape: [channels, depthwise ? 1 : channels, 1, 1], data: filters }],
      ['bias', { shape: [channels], data: bias }],
      ['slopes', { shape: [channels, 1, 1], data: slopes }],
    ]),
    ranges: new Map([
      ['x', { low: -1, high: 1 }],
      ['y', { low: -10, high: 10 }],
    ]),
  };
}

function expectedOf(depthwise: boolean, filters: Float32Array, added: boolean): Float32Array {
  return Float32Array.from({ length: channels * area }, (_, index) => {
    const channel = Math.floor(index / area);
    let sum = bias[channel]!;
    if (depthwise) sum += filters[channel]! * values[index]!;
    else
      for (let input = 0; input < channels; input++)
        sum += filters[channel * channels + input]! * values[input * area + (index % area)]!;
    if (added) sum += values[index]!;
    return sum < 0 ? sum * slopes[channel]! : sum;
  });
}

describe.each([
  ['a plain convolution', false, false],
  ['a depthwise convolution', true, false],
  ['a plain convolution and what is added to it', false, true],
  ['a depthwise convolution and what is added to it', true, true],
] as const)('PReLU of %s', (_, depthwise, added) => {
  const filters = noise(depthwise ? channels : channels * channels, 2).map((w) => (depthwise ? w : w / 5));
  const expected = expectedOf(depthwise, filters, added);

  it.each([
    ['float32', plain, undefined, 2e-6],
    ['integers', plain, plain.i16, 5e-3],
    ['integers of this engine', here, here.i16, 5e-3],
  ] as const)('multiplies negative sums by their channel’s slope in %s', async (_, isa, integers, most) => {
    const network = createKernelNetwork(graphOf(depthwise, filters, added), isa, integers);
    const { y } = await network.run({ x: { data: values, shape: [1, channels, height, width] } });
    expect(expected.some((value) => value > 0.5) && expected.some((value) => value < -0.5)).toBe(true);
    for (const [index, value] of expected.entries())
      expect(Math.abs(y!.data[index]! - value), `value ${index}`).toBeLessThan(most);
  });
});

it.each([
  [1e-6, false],
  [1e-3, false],
  [1, false],
  [10, true],
  [1000, true],
])('ends at what a map of ±%f can hold, however far beyond it sums are', async (high, near) => {
  const filters = new Float32Array(channels * channels).map((_, index) => (index < 12 * channels ? 9 : -9));
  const graph = graphOf(false, filters);
  const ranges = new Map([...graph.ranges!, ['y', { low: -high, high }]]);
  const network = createKernelNetwork({ ...graph, ranges }, plain, plain.i16);
  const names = (await network.steps([channels, height, width])).map(({ name }) => name);
  expect(names.some((name) => name.includes(' near'))).toBe(near);
  const { y } = await network.run({
    x: { data: values.map(() => 1), shape: [1, channels, height, width] },
  });
  for (const [index, value] of y!.data.entries()) {
    const channel = Math.floor(index / area);
    const sum = (channel < 12 ? 1 : -1) * 9 * channels + bias[channel]!;
    const kept = sum < 0 ? sum * slopes[channel]! : sum;
    // A map can hold four times what was measured.
    const expected = Math.max(-4 * high, Math.min(4 * high, kept));
    expect(Math.abs(value / expected - 1), `value ${index}`).toBeLessThan(1e-3);
  }
});

it('leaves PReLU of anything else to another backend, and says why', () => {
  const graph = graphOf(true, noise(channels, 2));
  const [conv, prelu] = graph.nodes as [GraphNode, GraphNode];
  const refused = (changes: Partial<Graph>) => () =>
    createKernelNetwork({ ...graph, ...changes }, plain, plain.i16);
  const ofPicture = { ...prelu, inputs: ['x', 'slopes'] };
  expect(refused({ nodes: [ofPicture] })).toThrow('PRelu prelu: only of what a convolution makes');
  const relu = { op: 'Relu', name: 'relu', inputs: ['sums'], outputs: ['positive'], attributes: {} };
  const ofRelu = { ...prelu, inputs: ['positive', 'slopes'] };
  expect(refused({ nodes: [conv, relu, ofRelu] })).toThrow('only of what a convolution makes');
  const one = new Map([
    ...graph.initializers,
    ['slopes', { shape: [1], data: Float32Array.of(0.1) }],
  ] as const);
  expect(refused({ initializers: one })).toThrow('PRelu prelu: only a slope a channel');
});
