import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPack } from '../../models/catalogue.ts';
import type { InferenceBackend, Tensor } from '../../src/nn/network.ts';
import { createTfjsBackend } from '../../src/nn/tfjs.ts';
import { joinTfjsModel } from '../../src/nn/tfjs-model.ts';
import { onnxBackend, readAsset, recipeSources } from '../models/assets.ts';
import { faces, pixelsAround } from '../models/photographs.ts';
import { planar } from '../models/reference.ts';

let backend: InferenceBackend;

beforeAll(async () => {
  backend = createTfjsBackend({ wasmBinary: await readAsset('wasm/tfjs.wasm') });
});

describe('graph models as they are', () => {
  test('BlazeFace sees the face in the middle of the picture', async () => {
    const pixels = await facePixels(256);
    const outputs = await runModel('blazeface', 'input', {
      ...pixels,
      data: pixels.data.map((value) => value / 127.5 - 1),
    });
    expect(outputs.Identity?.shape).toEqual([1, 512, 1]);
    expect(outputs.Identity_3?.shape).toEqual([1, 384, 16]);
    const { data: logits } = outputs.Identity_1!;
    const { data: boxes } = outputs.Identity_3!;
    const best = logits.indexOf(Math.max(...logits));
    expect(logits[best]).toBeGreaterThan(1);
    const [dx, dy, width, height] = [...boxes.subarray(16 * best, 16 * best + 4)];
    const cell = Math.floor(best / 6);
    expect(32 * ((cell % 8) + 0.5) + dx!).toBeCloseTo(128, -2);
    expect(32 * (Math.floor(cell / 8) + 0.5) + dy!).toBeCloseTo(128, -2);
    // The face is about 180 by 250 pixels of the photograph, every second of which is here.
    expect(width).toBeGreaterThan(70);
    expect(height).toBeLessThan(150);
  });
});

describe('the recipes of human’s networks equal the graph models', () => {
  test('faceres', async () => {
    const pixels = await facePixels(224);
    const expected = await runModel('faceres', 'input_1', pixels);
    const found = await runRecipe('faceres', pixels);
    expectClose(found.embedding, expected['global_pooling/Mean'], 1e-4);
    expectClose(softmax(found.age), expected['age_pred/Softmax'], 1e-5);
    const [score] = found.gender?.data ?? [];
    expect(1 / (1 + Math.exp(-score!))).toBeCloseTo(expected['gender_pred/Sigmoid']!.data[0]!, 5);
  });

  test('emotion, whose recipe also weights the colours', async () => {
    const pixels = await facePixels(64);
    const expected = await runModel('emotion', 'input_1', luminance(pixels));
    expectClose(softmax((await runRecipe('emotion', pixels)).logits), expected.Identity, 1e-5);
  });

  test('BlazeFace, at the size of the graph model', async () => {
    const pixels = await facePixels(256);
    const expected = await runModel('blazeface', 'input', {
      ...pixels,
      data: pixels.data.map((value) => value / 127.5 - 1),
    });
    const found = await runRecipe('blazeface-any-size', pixels);
    // Logits reach tens, and the two sum in different orders.
    expectClose(found.logits16, expected.Identity, 1e-2);
    expectClose(found.logits32, expected.Identity_1, 1e-2);
    expectClose(found.boxes16, expected.Identity_2, 1e-2);
    expectClose(found.boxes32, expected.Identity_3, 1e-2);
  });
});

describe('what is no graph model is a coded error, and the backend goes on', () => {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  test.each([
    ['empty', () => new Uint8Array(0), 'too short'],
    ['a length beyond the file', () => Uint8Array.of(255, 255, 255, 255, 0), 'too short'],
    ['other JSON', () => joinTfjsModel(json({ format: 'graph-model' }), new Uint8Array(0)), 'modelTopology'],
    [
      'no weights manifest',
      () => joinTfjsModel(json({ modelTopology: {} }), new Uint8Array(0)),
      'list of groups',
    ],
    [
      'weights cut short',
      async () => {
        const [description, binary] = await recipeSources('emotion');
        return joinTfjsModel(description, binary.subarray(1));
      },
      'the file has',
    ],
  ])('%s', async (_, model, message) => {
    await expect(async () => backend.load(await model())).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      message: expect.stringContaining(message),
    });
    await (await backend.load(await graphModel('emotion'))).close();
  });

  test('a missing input is named', async () => {
    const network = await backend.load(await graphModel('emotion'));
    await expect(network.run({ image: luminance(await facePixels(64)) })).rejects.toThrow(
      'input input_1 is missing',
    );
    await network.close();
  });
});

/** The graph model of which a network is made, run as it is. */
async function runModel(name: string, input: string, tensor: Tensor): Promise<Record<string, Tensor>> {
  const network = await backend.load(await graphModel(name));
  expect(network.runsOn).toMatch(/^tfjs-backend-wasm [\d.]+, WASM SIMD$/);
  expect(network.inputNames).toEqual([input]);
  const outputs = await network.run({ [input]: tensor });
  expect(Object.keys(outputs)).toEqual(network.outputNames);
  await network.close();
  return outputs;
}

/** As Node reads it from a file: in a Buffer, whose `slice` copies nothing. */
async function graphModel(name: string): Promise<Uint8Array> {
  return Buffer.from(joinTfjsModel(...(await recipeSources(name))));
}

async function runRecipe(id: string, pixels: Tensor): Promise<Record<string, Tensor>> {
  const network = await (await onnxBackend()).load(await shippedPack(id).build(readAsset));
  const outputs = await network.run({ image: planar(pixels) });
  await network.close();
  return outputs;
}

function facePixels(side: number): Promise<Tensor> {
  const { photograph, x, y } = faces[0];
  return pixelsAround(photograph, x, y, side);
}

/** -1 to 1, as human computes it. */
function luminance({ shape, data }: Tensor): Tensor {
  const [count, height, width] = shape as [number, number, number, number];
  const grey = new Float32Array(data.length / 3).map((_, pixel) => {
    const [red, green, blue] = [...data.subarray(3 * pixel, 3 * pixel + 3)] as [number, number, number];
    return ((0.2989 * red + 0.587 * green + 0.114 * blue) / 255 - 0.5) * 2;
  });
  return { shape: [count, height, width, 1], data: grey };
}

function softmax(row: Tensor | undefined): Tensor {
  const { shape, data } = row!;
  const powers = data.map(Math.exp);
  const sum = powers.reduce((total, value) => total + value, 0);
  return { shape, data: powers.map((power) => power / sum) };
}

function expectClose(found: Tensor | undefined, expected: Tensor | undefined, tolerance: number): void {
  expect(found?.shape).toEqual(expected?.shape);
  const differences = found?.data.map((value, index) => Math.abs(value - expected!.data[index]!));
  expect(Math.max(...(differences as Float32Array))).toBeLessThan(tolerance);
}
