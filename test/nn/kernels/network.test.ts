import { describe, expect, it } from 'vitest';
import { embeddedPack } from '../../../models/catalog.ts';
import type { Graph } from '../../../src/nn/graph.ts';
import { createKernelBackend } from '../../../src/nn/kernels/backend.ts';
import { lower } from '../../../src/nn/kernels/layers.ts';
import { createKernelNetwork } from '../../../src/nn/kernels/network.ts';
import type { InferenceBackend, Tensor } from '../../../src/nn/network.ts';
import { readOnnx } from '../../../src/nn/onnx-reader.ts';
import { writeOnnx } from '../../../src/nn/onnx-writer.ts';
import { instructions } from '../../../wasm/formats.ts';
import { onnxBackend, readAsset } from '../../models/assets.ts';
import { faces, pixelsAround, stack } from '../../models/photographs.ts';

const plain = instructions('plain');

/** Two real faces in the size of a network, as planes. */
async function photographs(side: number): Promise<Tensor> {
  const pictures = await Promise.all(
    faces.slice(0, 2).map(({ photograph, x, y }) => pixelsAround(photograph, x, y, side)),
  );
  const { data } = stack(pictures);
  const area = side * side;
  const planes = Float32Array.from(data, (_, index) => {
    const plane = Math.floor(index / area);
    const place = (Math.floor(plane / 3) * area + (index % area)) * 3 + (plane % 3);
    return data[place] as number;
  });
  return { data: planes, shape: [2, 3, side, side] };
}

const networkOf = async (id: string): Promise<Graph> => readOnnx(await embeddedPack(id).build(readAsset));

/** The largest difference, as a share of the largest value where that is over 1. */
function difference(found: Tensor | undefined, expected: Tensor | undefined): number {
  if (!found || !expected) throw new Error('an output is missing');
  expect(found.shape).toEqual([...expected.shape]);
  let largest = 1;
  let most = 0;
  expected.data.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value));
    most = Math.max(most, Math.abs(value - (found.data[index] as number)));
  });
  return most / largest;
}

describe.each([
  ['face-landmark-68', 112],
  ['face-recognition', 150],
  ['age-gender', 112],
  ['face-expression', 112],
  ['ssd-mobilenetv1', 192],
] as const)('%s', (id, side) => {
  it('has the float32 values of onnxruntime-web, layer by layer', async () => {
    const graph = await networkOf(id);
    const own = new Set(graph.outputs.map(({ name }) => name));
    const maps = lower(graph)
      .layers.map(({ output }) => output)
      .filter((name) => !own.has(name))
      .map((name) => ({ name, shape: ['N', 'C', `${name} rows`, `${name} columns`] }));
    const open = { ...graph, outputs: [...graph.outputs, ...maps] };

    const image = await photographs(side);
    const ours = createKernelNetwork(open, plain, undefined);
    const theirs = await (await onnxBackend()).load(writeOnnx(open));
    const [found, expected] = [await ours.run({ image }), await theirs.run({ image })];
    expect(Object.keys(found)).toHaveLength(open.outputs.length);
    for (const name of Object.keys(found))
      expect(difference(found[name], expected[name]), name).toBeLessThan(1e-4);
    await Promise.all([ours.close(), theirs.close()]);
  });
});

describe('SSD MobileNetV1 in 16-bit integers', () => {
  it('differs from float32 by little, at every size of the input', async () => {
    const graph = await networkOf('ssd-mobilenetv1');
    const float = createKernelNetwork(graph, plain, undefined);
    const integer = createKernelNetwork(graph, plain, plain.i16);
    for (const side of [192, 256, 128, 160, 224, 192]) {
      const image = await photographs(side);
      const [expected, found] = [await float.run({ image }), await integer.run({ image })];
      expect(difference(found.scores, expected.scores)).toBeLessThan(0.01);
      expect(difference(found.boxes, expected.boxes)).toBeLessThan(0.02);
    }
  });
});

describe('the backend', () => {
  const refusing: InferenceBackend = {
    description: 'another',
    load: () => Promise.reject(new Error('asked the other')),
  };

  it('runs what there are kernels for', async () => {
    const backend = createKernelBackend(refusing);
    const network = await backend.load(await embeddedPack('face-expression').build(readAsset));
    const image = await photographs(112);
    const [reference, { logits }] = [
      await (await onnxBackend()).load(await embeddedPack('face-expression').build(readAsset)),
      await network.run({ image }),
    ];
    expect(difference(logits, (await reference.run({ image })).logits)).toBeLessThan(1e-4);
    await expect(network.run({ image: { ...image, shape: [2, 3, 112, 111] } })).rejects.toThrow(RangeError);
  });

  it('leaves other networks, and what is none, to the other backend', async () => {
    const graph = await networkOf('face-expression');
    const [first, ...rest] = graph.nodes;
    const unknown = { ...graph, nodes: [{ ...first!, op: 'Erf' }, ...rest] };
    const backend = createKernelBackend(refusing);
    await expect(backend.load(writeOnnx(unknown))).rejects.toThrow('asked the other');
    await expect(backend.load(new Uint8Array([1, 2, 3]))).rejects.toThrow('asked the other');
  });
});
