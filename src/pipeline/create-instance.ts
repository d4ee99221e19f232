import { defaultPacks, embeddedPack } from '../../models/catalog.ts';
import { decodePicture } from '../image/decode.ts';
import type { InferenceBackend } from '../nn/network.ts';
import { createOnnxBackend } from '../nn/onnx.ts';
import type { Platform } from '../platform.ts';
import { createInstance as createInstanceOf } from './instance.ts';
import { createModels, type Task } from './models.ts';
import type { InstanceSettings } from './settings.ts';
import type { Instance } from './work.ts';

/** An instance with the networks that the settings name, on what the runtime hands in. */
export function createInstance(platform: Platform, settings: InstanceSettings): Instance {
  const readAsset = (name: string) => platform.readAsset(name);
  const sources = [...wantedTasks(settings)].map(
    (task) => [task, () => embeddedPack(defaultPacks[task]).build(readAsset)] as const,
  );

  let backend: Promise<InferenceBackend> | undefined;
  const startBackend = () => {
    backend ??= platform
      .readAsset('wasm/onnxruntime.wasm')
      .then((wasmBinary) => createOnnxBackend({ wasmBinary }));
    return backend;
  };

  return createInstanceOf(
    createModels(startBackend, new Map(sources)),
    (bytes) => decodePicture(bytes, { ...settings, webpBinary: () => platform.readAsset('wasm/webp.wasm') }),
    settings.models,
  );
}

function wantedTasks({ models }: InstanceSettings): Set<Task> {
  const tasks = new Set<Task>(['detection', 'landmarks']);
  if (models.embedding) tasks.add('embedding');
  if (models.age || models.gender) tasks.add('age-gender');
  if (models.emotions) tasks.add('emotions');
  return tasks;
}
