import { expect, test } from 'vitest';
import { shippedPack } from '../../models/catalogue.ts';
import type { InferenceBackend } from '../../src/nn/network.ts';
import { createTfjsBackend } from '../../src/nn/tfjs.ts';
import { type Backends, createModels, type ModelSource } from '../../src/pipeline/models.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import { onnxBackend, readAsset } from '../models/assets.ts';

const source = (id: string): ModelSource => {
  const pack = shippedPack(id);
  return { manifest: pack.manifest, read: () => pack.build(readAsset) };
};

function countedBackends() {
  const started: string[] = [];
  const count = async (name: string, start: () => Promise<InferenceBackend>) => {
    started.push(name);
    return start();
  };
  const backends: Backends = {
    onnx: () => count('onnx', onnxBackend),
    tfjs: () =>
      count('tfjs', async () => createTfjsBackend({ wasmBinary: await readAsset('wasm/tfjs.wasm') })),
  };
  return { backends, started };
}

test('each network runs on the backend of its format, and each backend starts once, when it is needed', async () => {
  const { backends, started } = countedBackends();
  const models = createModels(
    backends,
    new Map([
      ['landmarks', [source('face-landmark-68')]],
      ['emotions', [source('face-expression'), source('emotion')]],
      ['lightDetector', [source('blazeface')]],
    ]),
    defaultSettings,
  );
  expect(started).toEqual([]);
  const { network: landmarks } = await models.landmarker();
  expect(landmarks.outputNames).toEqual(['landmarks']);
  await models.emotions();
  expect((await models.landmarker()).network).toBe(landmarks);
  expect(started).toEqual(['onnx']);
  await models.detector('light');
  expect(started).toEqual(['onnx', 'tfjs']);
  await models.close();
});

test('age and gender of one network are read together', async () => {
  const both = source('age-gender');
  const models = createModels(
    countedBackends().backends,
    new Map([
      ['age', [both]],
      ['gender', [both]],
    ]),
    defaultSettings,
  );
  expect(await models.ageAndGender('age')).toBe(await models.ageAndGender('gender'));
  await models.close();
});

test('a role that is switched off is a coded error', async () => {
  const models = createModels(countedBackends().backends, new Map(), defaultSettings);
  await expect(models.emotions()).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
  await expect(models.detector('primary')).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
});
