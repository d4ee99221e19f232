import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import { writeOnnx } from '../../build/networks/onnx-writer.ts';
import { compactTensor } from '../../src/nn/compact.ts';
import type { Graph } from '../../src/nn/graph.ts';
import { createKernelBackend } from '../../src/nn/kernels/backend.ts';
import { readOnnx } from '../../src/nn/onnx-reader.ts';
import { onnxBackend } from '../models/assets.ts';

/** y = x · [[1, 2], [3, 4]] + [10, 20] */
function smallGraph(): Graph {
  const graph = new GraphBuilder('small');
  const x = graph.input('x', ['N', 2]);
  const matrix = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
  graph.output(graph.gemm('y', x, matrix, Float32Array.of(10, 20)), ['N', 2]);
  return graph.build();
}

describe('a written model, run by onnxruntime-web', () => {
  test('computes what the graph says, for any batch', async () => {
    const network = await (await onnxBackend()).load(writeOnnx(smallGraph()));
    expect(network.inputNames).toEqual(['x']);
    expect(network.outputNames).toEqual(['y']);
    const one = await network.run({ x: { data: Float32Array.of(1, 1), shape: [1, 2] } });
    expect(one.y).toEqual({ data: Float32Array.of(14, 26), shape: [1, 2] });
    const two = await network.run({ x: { data: Float32Array.of(1, 0, 0, -1), shape: [2, 2] } });
    expect(two.y).toEqual({ data: Float32Array.of(11, 22, 7, 16), shape: [2, 2] });
    await network.close();
  });

  test('has weights in as many bits as they came in, which stand for the same values', async () => {
    // Two outputs of two inputs each: bytes with a scale for each output, then 16-bit floats.
    const bytes = compactTensor([2, 2, 1, 1], {
      codes: Uint8Array.of(0, 128, 130, 255),
      zeroPoint: 128,
      scales: Float32Array.of(0.5, 0.25),
    });
    const halves = compactTensor([2, 2, 1, 1], { halves: Uint16Array.of(0x3c00, 0xc000, 0x3800, 0) });
    expect([[...bytes.data], [...halves.data]]).toEqual([
      [-64, 0, 0.5, 31.75],
      [1, -2, 0.5, 0],
    ]);
    const graph = new GraphBuilder('compact');
    const first = graph.conv('first', graph.input('x', ['N', 2, 1, 1]), { filters: bytes });
    graph.output(graph.conv('second', first, { filters: halves }), ['N', 2, 1, 1]);
    const model = writeOnnx(graph.build());

    const read = readOnnx(model);
    expect(read.nodes.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(read.initializers.get('first/filters')?.compact).toEqual(bytes.compact);
    expect(read.initializers.get('second/filters')?.compact).toEqual(halves.compact);
    expect(writeOnnx(read)).toEqual(model);

    const x = { data: Float32Array.of(1, 2), shape: [1, 2, 1, 1] };
    for (const backend of [await onnxBackend(), createKernelBackend(await onnxBackend())]) {
      const network = await backend.load(model);
      expect([...(await network.run({ x })).second!.data]).toEqual([-64 - 2 * 64, 0.5 * -64]);
      await network.close();
    }
  });

  test('keeps every kind of attribute and element type', async () => {
    const value = { shape: [1, 1, 1, 2] };
    const graph: Graph = {
      name: 'kinds',
      inputs: [{ name: 'x', ...value }],
      outputs: [{ name: 'y', shape: [1, 1, 2, 4] }],
      nodes: [
        {
          op: 'LeakyRelu',
          name: 'leaky',
          inputs: ['x'],
          outputs: ['leaky'],
          attributes: { alpha: { float: 1 } },
        },
        { op: 'Cast', name: 'zero', inputs: ['bytes'], outputs: ['zero'], attributes: { to: 1 } },
        { op: 'Add', name: 'sum', inputs: ['leaky', 'zero'], outputs: ['sum'], attributes: {} },
        {
          op: 'Resize',
          name: 'twice',
          inputs: ['sum', '', 'scales'],
          outputs: ['large'],
          attributes: {
            mode: 'nearest',
            coordinate_transformation_mode: 'asymmetric',
            nearest_mode: 'floor',
          },
        },
        {
          op: 'Transpose',
          name: 'same',
          inputs: ['large'],
          outputs: ['y'],
          attributes: { perm: [0, 1, 2, 3] },
        },
      ],
      initializers: new Map([
        ['bytes', { shape: [2], data: Uint8Array.of(0, 200) }],
        ['scales', { shape: [4], data: Float32Array.of(1, 1, 2, 2) }],
      ]),
    };
    const network = await (await onnxBackend()).load(writeOnnx(graph));
    const { y } = await network.run({ x: { data: Float32Array.of(-3, 5), shape: [1, 1, 1, 2] } });
    expect([...(y?.data ?? [])]).toEqual([-3, -3, 205, 205, -3, -3, 205, 205]);
    await network.close();
  });

  test('a shape that does not hold its data is refused when writing', () => {
    const graph = smallGraph();
    const wrong = new Map([
      ...graph.initializers,
      ['y/matrix', { shape: [3, 2], data: new Float32Array(4) }],
    ]);
    expect(() => writeOnnx({ ...graph, initializers: wrong as Graph['initializers'] })).toThrow(
      'y/matrix: shape [3,2] does not hold 4 values',
    );
  });
});

describe('what is no model', () => {
  test.each([
    ['empty', new Uint8Array(0)],
    ['text', new TextEncoder().encode('not a model')],
    ['cut in half', writeOnnx(smallGraph()).subarray(0, 60)],
    [
      'an unknown operator',
      writeOnnx({ ...smallGraph(), nodes: smallGraph().nodes.map((node) => ({ ...node, op: 'Fold' })) }),
    ],
  ])('%s: a coded error, and the backend goes on', async (_, model) => {
    const backend = await onnxBackend();
    await expect(backend.load(model)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    await (await backend.load(writeOnnx(smallGraph()))).close();
  });
});
