import { expect, test } from 'vitest';
import { embeddedPack } from '../../models/catalog.ts';
import type { InferenceBackend } from '../../src/nn/network.ts';
import { createTfjsBackend } from '../../src/nn/tfjs.ts';
import { type Backends, createModels, type ModelSource } from '../../src/pipeline/models.ts';
import { onnxBackend, readAsset } from '../models/assets.ts';

const source = (id: string): ModelSource => {
  const pack = embeddedPack(id);
  return { format: pack.format, read: () => pack.build(readAsset) };
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
      ['landmarks', source('face-landmark-68')],
      ['emotions', source('face-expression')],
      ['light-detection', source('blazeface')],
    ]),
    0.5,
  );
  expect(started).toEqual([]);
  const landmarks = await models.network('landmarks');
  expect(landmarks.outputNames).toEqual(['landmarks']);
  await models.network('emotions');
  expect(await models.network('landmarks')).toBe(landmarks);
  expect(started).toEqual(['onnx']);
  expect((await models.network('light-detection')).inputNames).toEqual(['input']);
  expect(started).toEqual(['onnx', 'tfjs']);
  await models.close();
});

test('a task that is switched off is a coded error', async () => {
  const models = createModels(countedBackends().backends, new Map(), 0.5);
  await expect(models.network('emotions')).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
});
