import { expect, test } from 'vitest';
import { writeOnnx } from '../../build/networks/onnx-writer.ts';
import { readTfliteWeights } from '../../build/networks/weights.ts';
import { mobileFaceNet } from '../../models/mobilefacenet/recipe.ts';
import type { Tensor } from '../../src/nn/network.ts';
import { onnxBackend, recipeSources } from './assets.ts';
import { faces, pixelsAround, stack } from './photographs.ts';
import { planar } from './reference.ts';
import { runTflite } from './tflite-interpreter.ts';

const dimensions = 192;

test('the recipe equals the file’s own forward pass, and 8 bits a channel cost little', async () => {
  const [file] = await recipeSources<[Uint8Array]>('mobilefacenet');
  // The file has a batch of two.
  const input = await pair();
  const expected = runTflite(file, input.data);
  expect(expected.length).toBe(2 * dimensions);
  expect(cosine(expected.subarray(0, dimensions), expected.subarray(dimensions))).toBeLessThan(0.5);

  const weights = readTfliteWeights(file);
  for (const [graph, least] of [
    [mobileFaceNet(weights, (filters) => filters), 0.9999999],
    [mobileFaceNet(weights), 0.998],
  ] as const) {
    const network = await (await onnxBackend()).load(writeOnnx(graph));
    const { embedding } = await network.run({ image: planar(input) });
    await network.close();
    for (const face of [0, 1]) {
      const at = (data: Vector) => data.subarray(face * dimensions, (face + 1) * dimensions);
      expect(cosine(at(embedding!.data), at(expected))).toBeGreaterThan(least);
    }
  }
});

test('a file that is none, or is broken off, is refused', async () => {
  const [file] = await recipeSources<[Uint8Array]>('mobilefacenet');
  expect(() => readTfliteWeights(new TextEncoder().encode('{"none": 1}'))).toThrow(
    'expected a file of kind TFL3',
  );
  expect(() => readTfliteWeights(file.subarray(0, 5000))).toThrow();
});

/** Two faces as the network wants them, NHWC. */
async function pair(): Promise<Tensor> {
  const [first, second] = await Promise.all(
    faces.slice(0, 2).map(({ photograph, x, y }) => pixelsAround(photograph, x, y, 112)),
  );
  const { data, shape } = stack([first!, second!]);
  return { data: data.map((value) => (value - 127.5) / 128), shape };
}

type Vector = Float32Array | Float64Array;

function cosine(a: Vector, b: Vector): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (const [index, value] of a.entries()) sum += value * b[index]!;
  return sum;
}
