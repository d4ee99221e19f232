import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/nn/graph.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import { instructions } from '../../../wasm/formats.ts';
import { noise } from './noise.ts';

const plain = instructions('plain');

interface Convolution {
  readonly channelsIn: number;
  readonly channelsOut: number;
  readonly kernel: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly stride: number;
  /** Zeros on every side. */
  readonly pad: number;
}

/** The sums of products, as the definition says. */
function reference(
  values: Float32Array,
  [height, width]: readonly [number, number],
  filters: Float32Array,
  of: Convolution,
) {
  const { channelsIn, channelsOut, kernel, dilation, stride, pad } = of;
  const places = (size: number, axis: 0 | 1) =>
    Math.floor((size + 2 * pad - (kernel[axis] - 1) * dilation[axis] - 1) / stride) + 1;
  const sums: number[] = [];
  for (let output = 0; output < channelsOut; output++)
    for (let y = 0; y < places(height, 0); y++)
      for (let x = 0; x < places(width, 1); x++) {
        let sum = 0;
        for (let input = 0; input < channelsIn; input++)
          for (let row = 0; row < kernel[0]; row++)
            for (let column = 0; column < kernel[1]; column++) {
              const [atY, atX] = [
                y * stride - pad + row * dilation[0],
                x * stride - pad + column * dilation[1],
              ];
              if (atY < 0 || atX < 0 || atY >= height || atX >= width) continue;
              const filter = ((output * channelsIn + input) * kernel[0] + row) * kernel[1] + column;
              sum += values[(input * height + atY) * width + atX]! * filters[filter]!;
            }
        sums.push(sum);
      }
  return sums;
}

describe.each<Convolution>([
  { channelsIn: 16, channelsOut: 16, kernel: [3, 3], dilation: [2, 2], stride: 1, pad: 2 },
  { channelsIn: 16, channelsOut: 16, kernel: [3, 3], dilation: [3, 3], stride: 1, pad: 3 },
  { channelsIn: 16, channelsOut: 16, kernel: [3, 3], dilation: [5, 5], stride: 1, pad: 5 },
  { channelsIn: 8, channelsOut: 12, kernel: [3, 3], dilation: [1, 2], stride: 1, pad: 2 },
  { channelsIn: 8, channelsOut: 24, kernel: [2, 3], dilation: [3, 1], stride: 2, pad: 1 },
  { channelsIn: 12, channelsOut: 8, kernel: [3, 2], dilation: [2, 4], stride: 2, pad: 4 },
  // A picture's pixels are no whole words.
  { channelsIn: 3, channelsOut: 8, kernel: [3, 3], dilation: [2, 2], stride: 1, pad: 2 },
])('a convolution: %j', (convolution) => {
  const { channelsIn, channelsOut, kernel, dilation, stride, pad } = convolution;
  it.each([
    ['float32', undefined],
    ['integers', plain.i16],
  ] as const)('gives the sum of its products in %s', async (_, integers) => {
    // Rows of one tile, of several, and of tiles that overlap; windows that are larger than the map.
    for (const [height, width] of [
      [9, 12],
      [6, 7],
      [3, 29],
    ] as const) {
      const taps = channelsIn * kernel[0] * kernel[1];
      // No sum leaves the range of the values.
      const filters = noise(channelsOut * taps, width).map((weight) => weight / taps);
      const graph: Graph = {
        name: 'conv',
        inputs: [{ name: 'x', shape: ['N', channelsIn, height, width] }],
        outputs: [{ name: 'y', shape: ['N', channelsOut, 'rows', 'columns'] }],
        nodes: [
          {
            op: 'Conv',
            name: 'y',
            inputs: ['x', 'filters'],
            outputs: ['y'],
            attributes: { strides: [stride, stride], dilations: dilation, pads: [pad, pad, pad, pad] },
          },
        ],
        initializers: new Map([['filters', { shape: [channelsOut, channelsIn, ...kernel], data: filters }]]),
        ranges: new Map(['x', 'y'].map((name) => [name, { low: -1, high: 1 }])),
      };
      const data = noise(channelsIn * height * width, 0);
      const network = createKernelNetwork(graph, plain, integers);
      const { y } = await network.run({ x: { data, shape: [1, channelsIn, height, width] } });
      const expected = reference(data, [height, width], filters, convolution);
      expect(y!.data).toHaveLength(expected.length);
      for (const [index, value] of expected.entries())
        expect(Math.abs(y!.data[index]! - value)).toBeLessThan(3e-4);
    }
  });
});
