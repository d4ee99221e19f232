import { beforeAll, describe, expect, test } from 'vitest';
import { embeddedPack } from '../../models/catalog.ts';
import type { InferenceBackend, Tensor } from '../../src/nn/network.ts';
import { createTfjsBackend } from '../../src/nn/tfjs.ts';
import { joinTfjsModel } from '../../src/nn/tfjs-model.ts';
import { readAsset } from '../models/assets.ts';
import { faces, pixelsAround } from '../models/photographs.ts';

let backend: InferenceBackend;

beforeAll(async () => {
  backend = createTfjsBackend({ wasmBinary: await readAsset('wasm/tfjs.wasm') });
});

describe('graph models as they are', () => {
  test('BlazeFace sees the face in the middle of the picture', async () => {
    const outputs = await run('blazeface', 'input', await normalised(256, (value) => value / 127.5 - 1));
    expect(outputs.Identity?.shape).toEqual([1, 512, 1]);
    expect(outputs.Identity_3?.shape).toEqual([1, 384, 16]);
    const { data: logits } = outputs.Identity_1 as Tensor;
    const { data: boxes } = outputs.Identity_3 as Tensor;
    const best = logits.indexOf(Math.max(...logits));
    expect(logits[best]).toBeGreaterThan(1);
    const [dx, dy, width, height] = [...boxes.subarray(16 * best, 16 * best + 4)];
    const cell = Math.floor(best / 6);
    expect(32 * ((cell % 8) + 0.5) + (dx as number)).toBeCloseTo(128, -2);
    expect(32 * (Math.floor(cell / 8) + 0.5) + (dy as number)).toBeCloseTo(128, -2);
    // The face is about 180 by 250 pixels of the photograph, every second of which is here.
    expect(width).toBeGreaterThan(70);
    expect(height).toBeLessThan(150);
  });

  test('faceres gives probabilities and an embedding', async () => {
    const outputs = await run('faceres', 'input_1', await normalised(224, (value) => value));
    expect(outputs['global_pooling/Mean']?.shape).toEqual([1, 1024]);
    expect(sum(outputs['age_pred/Softmax'])).toBeCloseTo(1, 4);
    expect(outputs['gender_pred/Sigmoid']?.data[0]).toBeGreaterThan(0);
  });

  test('emotion gives seven probabilities', async () => {
    const outputs = await run('emotion', 'input_1', await luminance(64));
    expect(outputs.Identity?.shape).toEqual([1, 7]);
    expect(sum(outputs.Identity)).toBeCloseTo(1, 4);
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
      async () =>
        joinTfjsModel(
          await readAsset('weights/emotion.json'),
          (await readAsset('weights/emotion.bin')).subarray(1),
        ),
      'the file has',
    ],
  ])('%s', async (_, model, message) => {
    await expect(async () => backend.load(await model())).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
      message: expect.stringContaining(message),
    });
    await (await backend.load(await embeddedPack('emotion').build(readAsset))).close();
  });

  test('a missing input is named', async () => {
    const network = await backend.load(await embeddedPack('emotion').build(readAsset));
    await expect(network.run({ image: await luminance(64) })).rejects.toThrow('input input_1 is missing');
    await network.close();
  });
});

async function run(id: string, input: string, tensor: Tensor): Promise<Record<string, Tensor>> {
  const network = await backend.load(await embeddedPack(id).build(readAsset));
  expect(network.inputNames).toEqual([input]);
  const outputs = await network.run({ [input]: tensor });
  expect(Object.keys(outputs)).toEqual(network.outputNames);
  await network.close();
  return outputs;
}

async function normalised(side: number, map: (value: number) => number): Promise<Tensor> {
  const { photograph, x, y } = faces[0];
  const { shape, data } = await pixelsAround(photograph, x, y, side);
  return { shape, data: data.map(map) };
}

async function luminance(side: number): Promise<Tensor> {
  const { data } = await normalised(side, (value) => value / 127.5 - 1);
  const grey = new Float32Array(side * side).map(
    (_, pixel) =>
      0.299 * (data[3 * pixel] as number) +
      0.587 * (data[3 * pixel + 1] as number) +
      0.114 * (data[3 * pixel + 2] as number),
  );
  return { shape: [1, side, side, 1], data: grey };
}

function sum(tensor: Tensor | undefined): number {
  return (tensor as Tensor).data.reduce((total, value) => total + value, 0);
}
