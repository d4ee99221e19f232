import { describe, expect, test } from 'vitest';
import { nodeCosts } from '../../build/networks/cost.ts';
import { GraphBuilder } from '../../build/networks/graph-builder.ts';
import { writeOnnx } from '../../build/networks/onnx-writer.ts';
import { inferShapes } from '../../build/networks/shapes.ts';
import { tfjsCost } from '../../build/networks/tfjs-cost.ts';
import { readGraphModelWeights, readWeights, type Weights } from '../../build/networks/weights.ts';
import { ageGender } from '../../models/age-gender/recipe.ts';
import { emotion } from '../../models/emotion/recipe.ts';
import { faceLandmark68 } from '../../models/face-landmark-68/recipe.ts';
import { faceRecognition } from '../../models/face-recognition/recipe.ts';
import { faceres } from '../../models/faceres/recipe.ts';
import { ssdMobilenetV1 } from '../../models/ssd-mobilenetv1/recipe.ts';
import type { Graph } from '../../src/nn/graph.ts';
import { joinTfjsModel } from '../../src/nn/tfjs-model.ts';
import { onnxBackend, recipeSources } from './assets.ts';

describe('every value has the shape that onnxruntime-web gives it', () => {
  test.each([
    ['ssd-mobilenetv1', ssdMobilenetV1, [1, 3, 200, 328]],
    ['face-landmark-68', faceLandmark68, [2, 3, 112, 112]],
    ['face-recognition', faceRecognition, [2, 3, 150, 150]],
    ['age-gender', ageGender, [1, 3, 112, 112]],
  ] satisfies [string, (weights: Weights) => Graph, number[]][])('%s', async (id, recipe, shape) => {
    const graph = recipe(readWeights(...(await recipeSources(id))));
    const shapes = inferShapes(graph, { image: shape });
    const outputs = graph.nodes.map(({ name: value }) => ({
      name: value,
      shape: (shapes.get(value) ?? []).map((_, axis) => `${value}/${axis}`),
    }));
    const network = await (await onnxBackend()).load(writeOnnx({ ...graph, outputs }));
    const count = shape.reduce((product, length) => product * length, 1);
    const made = await network.run({ image: { data: new Float32Array(count), shape } });
    await network.close();
    for (const [value, tensor] of Object.entries(made))
      expect([value, tensor.shape]).toEqual([value, shapes.get(value)]);
    expect(Object.keys(made)).toHaveLength(graph.nodes.length);
  });
});

test('costs are multiply-accumulates and bytes', () => {
  const graph = new GraphBuilder('two');
  const x = graph.input('x', ['N', 4, 'H', 'W']);
  const depthwise = graph.conv('depthwise', x, {
    filters: { shape: [4, 1, 3, 3], data: new Float32Array(36) },
    stride: 2,
    pads: [1, 1, 1, 1],
    groups: 4,
  });
  const row = graph.reshape('row', graph.globalAveragePool('pooled', graph.relu('relu', depthwise)), [0, -1]);
  graph.output(graph.gemm('y', row, { shape: [4, 5], data: new Float32Array(20) }), ['N', 5]);
  const costs = nodeCosts(graph.build(), { x: [2, 4, 9, 10] });
  expect(costs.map(({ name, macs }) => [name, macs])).toEqual([
    ['depthwise', 2 * 4 * 5 * 5 * 9],
    ['relu', 0],
    ['pooled', 0],
    ['row', 0],
    ['y', 2 * 5 * 4],
  ]);
  expect(costs[0]).toMatchObject({ shape: [2, 4, 5, 5], bytes: 4 * (2 * 4 * 90 + 36 + 2 * 4 * 25) });
});

test('what does not fit is named', () => {
  const graph = new GraphBuilder('pool');
  graph.output(graph.maxPool('small', graph.input('x', ['N', 1, 'H', 'W']), { size: 3, stride: 2 }), [
    'N',
    1,
    'h',
    'w',
  ]);
  expect(() => inferShapes(graph.build(), { x: [1, 1, 2, 9] })).toThrow(
    'small: the input [1,1,2,9] is smaller',
  );
  expect(() => inferShapes(graph.build(), {})).toThrow('expected a shape for input x');
});

test('a TensorFlow.js graph model costs what its ONNX recipe costs', async () => {
  // The recipe of emotion takes three channels where the original takes grey.
  const twoColours = 2 * 31 * 31 * 32 * 3 * 3;
  for (const [name, recipe, side, more] of [
    ['faceres', faceres, 224, 0],
    ['emotion', emotion, 64, twoColours],
  ] as const) {
    const [description, binary] = await recipeSources(name);
    const graph = recipe(readGraphModelWeights(description, binary));
    const convolutions = nodeCosts(graph, { image: [1, 3, side, side] }).filter(({ op }) => op === 'Conv');
    const macs = convolutions.reduce((sum, node) => sum + node.macs, 0);
    expect([name, tfjsCost(joinTfjsModel(description, binary), side).macs]).toEqual([name, macs - more]);
  }
});
