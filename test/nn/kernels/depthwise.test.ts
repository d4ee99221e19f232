import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/nn/graph.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { instructions } from '../../../wasm/formats.ts';
import { noise } from './noise.ts';

const plain = instructions('plain');
const channels = 16;
const height = 9;

type Pair = readonly [height: number, width: number];

function depthwise(values: Float32Array, width: number, filters: Float32Array, kernel: Pair, stride: Pair) {
  const [rows, columns] = kernel;
  const outputHeight = Math.floor((height - rows) / stride[0]) + 1;
  const outputWidth = Math.floor((width - columns) / stride[1]) + 1;
  return Float32Array.from({ length: channels * outputHeight * outputWidth }, (_, index) => {
    const channel = Math.floor(index / (outputHeight * outputWidth));
    const top = (Math.floor(index / outputWidth) % outputHeight) * stride[0];
    const left = (index % outputWidth) * stride[1];
    let sum = 0;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const value = values[(channel * height + top + row) * width + left + column]!;
        sum += value * filters[(channel * rows + row) * columns + column]!;
      }
    return sum;
  });
}

describe.each([
  [[3, 3], 1],
  [[3, 3], 2],
  [[5, 5], 1],
  [[5, 5], 2],
  [[2, 2], 2],
  [[4, 3], 1],
  [[1, 4], 1],
  [[3, 1], 1],
] as const)('a depthwise window of %j at stride %i', (kernel, step) => {
  it.each([
    ['float32', undefined],
    ['integers', plain.i16],
  ] as const)('gives the sum of its products in %s', async (_, integers) => {
    // Rows of one tile, of several, and of tiles that overlap.
    for (const width of [5, 7, 9, 12]) {
      const taps = kernel[0] * kernel[1];
      // No sum leaves the range of the values.
      const filters = noise(channels * taps, width).map((weight) => weight / taps);
      const graph: Graph = {
        name: 'depthwise',
        inputs: [{ name: 'x', shape: ['N', channels, height, width] }],
        outputs: [{ name: 'y', shape: ['N', channels, 'rows', 'columns'] }],
        nodes: [
          {
            op: 'Conv',
            name: 'y',
            inputs: ['x', 'filters'],
            outputs: ['y'],
            attributes: { group: channels, strides: [step, step] },
          },
        ],
        initializers: new Map([['filters', { shape: [channels, 1, ...kernel], data: filters }]]),
        ranges: new Map(['x', 'y'].map((name) => [name, { low: -1, high: 1 }])),
      };
      const data = noise(channels * height * width, 0);
      const network = createKernelNetwork(graph, plain, integers);
      const { y } = await network.run({ x: { data, shape: [1, channels, height, width] } });
      const expected = depthwise(data, width, filters, kernel, [step, step]);
      expect(y!.data).toHaveLength(expected.length);
      for (const [index, value] of expected.entries())
        expect(Math.abs(y!.data[index]! - value)).toBeLessThan(3e-4);
    }
  });
});
