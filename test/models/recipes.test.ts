import { beforeAll, describe, expect, test } from 'vitest';
import { writeOnnx } from '../../build/networks/onnx-writer.ts';
import { readWeights } from '../../build/networks/weights.ts';
import { shippedPack } from '../../models/catalogue.ts';
import { faceLandmark68 } from '../../models/face-landmark-68/recipe.ts';
import { decodeSsd } from '../../src/detect/ssd-mobilenet.ts';
import type { InferenceBackend, Network, Tensor } from '../../src/nn/network.ts';
import { onnxBackend, readAsset, recipeSources } from './assets.ts';
import { faces, pixelsAround, stack } from './photographs.ts';
import { type FaceApi, loadReference, planar, type TfOperations, type TfTensor } from './reference.ts';

let backend: InferenceBackend;
let faceapi: FaceApi;
let tf: TfOperations;

beforeAll(async () => {
  const reference = await loadReference();
  ({ faceapi, tf } = reference);
  for (const net of Object.values(usedNets())) await net.loadFromDisk(reference.weightsFolder);
  backend = await onnxBackend();
});

function usedNets() {
  const { ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet, ageGenderNet, faceExpressionNet } =
    faceapi.nets;
  return { ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet, ageGenderNet, faceExpressionNet };
}

describe('networks of 112×112 and 150×150 equal the reference on a batch of real faces', () => {
  // The two sum in different orders, so that the last digits of float32 differ.
  test('landmarks, to 0.002 pixels, and the features they come from', async () => {
    const input = await faceBatch(112);
    const net = faceapi.nets.faceLandmark68Net;
    const run = await runPack('face-landmark-68', input);
    await expectClose(run.landmarks, reference(net.forward(images(input))), 2e-5);

    const weights = readWeights(...(await recipeSources('face-landmark-68')));
    const graph = faceLandmark68(weights);
    const layered = await backend.load(
      writeOnnx({ ...graph, outputs: [{ name: 'features', shape: ['N', 256] }] }),
    );
    const { features } = await layered.run({ image: planar(input) });
    await layered.close();
    await expectClose(features, reference(net.faceFeatureExtractor.forward(images(input))), 1e-4);
  });

  test('embedding', async () => {
    const input = await faceBatch(150);
    const { embedding } = await runPack('face-recognition', input);
    await expectClose(embedding, reference(faceapi.nets.faceRecognitionNet.forward(images(input))), 1e-5);
  });

  test('age and gender', async () => {
    const input = await faceBatch(112);
    const { age, gender } = await runPack('age-gender', input);
    const expected = (await faceapi.nets.ageGenderNet.forward(images(input))) as Record<
      'age' | 'gender',
      TfTensor
    >;
    await expectClose(age, reference(expected.age), 1e-3);
    await expectClose(softmaxRows(gender), reference(expected.gender), 1e-5);
  });

  test('expression', async () => {
    const input = await faceBatch(112);
    const { logits } = await runPack('face-expression', input);
    await expectClose(
      softmaxRows(logits),
      reference(faceapi.nets.faceExpressionNet.forward(images(input))),
      1e-5,
    );
  });
});

describe('SSD MobileNetV1', () => {
  test('equals the reference on two photographs in one batch', async () => {
    const input = stack([
      await pixelsAround('sample1.jpg', 960, 640, 512),
      await pixelsAround('sample4.jpg', 700, 500, 512),
    ]);
    const { boxes, scores } = await runPack('ssd-mobilenetv1', input);
    const expected = (await faceapi.nets.ssdMobilenetv1.forward(images(input))) as Record<
      'boxes' | 'scores',
      TfTensor[]
    >;

    expect(scores?.shape).toEqual([2, 5118]);
    await expectClose(scores, concatenated(expected.scores), 1e-5);
    expect(Math.max(...scores!.data)).toBeGreaterThan(0.9);
    await expectClose(decode(boxes!, await storedPriors()), concatenated(expected.boxes), 1e-5);
  });

  test('the priors that the detector computes equal the stored ones', async () => {
    // All offsets zero: what is decoded are the priors themselves.
    const found = decodeSsd(
      { boxes: new Float32Array(4 * 5118), scores: new Float32Array(5118).fill(1) },
      512,
      512,
      0.5,
    );
    const computed = found
      .all()
      .flatMap(({ box }) => [box.top, box.left, box.bottom, box.right].map((edge) => edge / 512));
    await expectClose(Float32Array.from(computed), storedPriors(), 1e-6);
  });

  test('takes any size, and sees the same in the same place', async () => {
    // A photograph's part in the corner of a larger, grey input: cells far enough from the seam agree.
    const small = await pixelsAround('sample1.jpg', 960, 640, 512);
    const network = await load('ssd-mobilenetv1');
    const whole = await network.run({ image: planar(small) });
    const wide = await network.run({ image: planar(widened(small, 640, 736)) });
    expect(wide.scores?.shape).toEqual([1, priorCount(640, 736)]);
    const [wholeMap, wideMap] = [firstMap(whole.scores!, 32, 32), firstMap(wide.scores!, 40, 46)];
    let largest = 0;
    for (let row = 0; row < 16; row++) {
      for (let column = 0; column < 16; column++) {
        for (let shape = 0; shape < 3; shape++) {
          const difference = wholeMap(row, column, shape) - wideMap(row, column, shape);
          largest = Math.max(largest, Math.abs(difference));
        }
      }
    }
    expect(largest).toBeLessThan(1e-4);
    await network.close();
  });
});

test('weights of another network are refused by name', async () => {
  const decoded = readWeights(...(await recipeSources('face-expression')));
  expect(() => faceLandmark68(decoded)).toThrow('fc/weights: expected shape [256,136], found [256,7]');
});

async function faceBatch(side: number): Promise<Tensor> {
  return stack(await Promise.all(faces.map(({ photograph, x, y }) => pixelsAround(photograph, x, y, side))));
}

async function load(id: string): Promise<Network> {
  return backend.load(await shippedPack(id).build(readAsset));
}

async function runPack(id: string, input: Tensor): Promise<Record<string, Tensor>> {
  const network = await load(id);
  const outputs = await network.run({ image: planar(input) });
  await network.close();
  return outputs;
}

/** A batch in the form that face-api takes. */
function images({ data, shape }: Tensor): TfTensor[] {
  const [count, height, width, channels] = shape as [number, number, number, number];
  const size = height * width * channels;
  return Array.from({ length: count }, (_, index) =>
    tf.tensor3d!(data.subarray(index * size, (index + 1) * size), [height, width, channels]),
  );
}

async function reference(output: unknown): Promise<Float32Array> {
  return ((await output) as TfTensor).dataSync();
}

function concatenated(tensors: readonly TfTensor[]): Float32Array {
  return Float32Array.from(tensors.flatMap((tensor) => [...tensor.dataSync()]));
}

async function expectClose(
  actual: Tensor | Float32Array | undefined,
  expected: Float32Array | Promise<Float32Array>,
  tolerance: number,
): Promise<void> {
  const found = actual instanceof Float32Array ? actual : actual!.data;
  const wanted = await expected;
  expect(found.length).toBe(wanted.length);
  const largest = found.reduce((worst, value, index) => Math.max(worst, Math.abs(value - wanted[index]!)), 0);
  expect(largest).toBeLessThan(tolerance);
}

function softmaxRows(logits: Tensor | undefined): Float32Array {
  const { shape, data } = logits!;
  const width = shape[1]!;
  const powers = data.map(Math.exp);
  return powers.map((power, index) => {
    const start = index - (index % width);
    return power / powers.subarray(start, start + width).reduce((sum, value) => sum + value, 0);
  });
}

async function storedPriors(): Promise<Float32Array> {
  const weights = readWeights(...(await recipeSources('ssd-mobilenetv1')));
  return weights.tensor('Output/extra_dim', [1, 5118, 4]).data;
}

/** Boxes as top, left, bottom, right in shares of the input, from offsets and priors (the same form). */
function decode({ data }: Tensor, priors: Float32Array): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += 4) {
    const [top, left, bottom, right] = priors.subarray(row % priors.length) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const [dy, dx, dh, dw] = data.subarray(row, row + 4) as unknown as [number, number, number, number];
    const y = (top + bottom) / 2 + (dy / 10) * (bottom - top);
    const x = (left + right) / 2 + (dx / 10) * (right - left);
    const height = (bottom - top) * Math.exp(dh / 5);
    const width = (right - left) * Math.exp(dw / 5);
    result.set([y - height / 2, x - width / 2, y + height / 2, x + width / 2], row);
  }
  return result;
}

/** A picture in the top left corner of a grey one; NHWC. */
function widened({ shape, data }: Tensor, height: number, width: number): Tensor {
  const [, rows, columns] = shape as [number, number, number];
  const result = new Float32Array(height * width * 3).fill(127.5);
  for (let row = 0; row < rows; row++) {
    result.set(data.subarray(row * columns * 3, (row + 1) * columns * 3), row * width * 3);
  }
  return { shape: [1, height, width, 3], data: result };
}

function priorCount(height: number, width: number): number {
  return [16, 32, 64, 128, 256, 512].reduce(
    (sum, stride) => sum + Math.ceil(height / stride) * Math.ceil(width / stride) * (stride === 16 ? 3 : 6),
    0,
  );
}

/** The scores of the first feature map, by row, column and shape. */
function firstMap({ data }: Tensor, rows: number, columns: number) {
  return (row: number, column: number, shape: number): number => {
    if (row >= rows || column >= columns) throw new RangeError('outside the map');
    return data[(row * columns + column) * 3 + shape]!;
  };
}
