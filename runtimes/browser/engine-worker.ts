import { catalogue } from '../../models/catalogue.ts';
import { createInstance, portsOf } from '../../src/pipeline/create-instance.ts';
import type { InstanceSettings } from '../../src/pipeline/settings.ts';
import type { ThreadPlatform } from '../../src/platform.ts';
import { serveInstance } from '../../src/pool/serve-instance.ts';
import type { BackendName } from './backend-name.ts';
import { startBackend } from './backends.ts';
import { decodeHeic } from './heic.ts';

/** The settings that a thread of the browser is started with. */
export interface WorkerSettings extends InstanceSettings {
  readonly backend: BackendName;
  /** Threads of one forward pass, where the backend has them. */
  readonly threads: number;
}

function create({ readAsset, ...rest }: ThreadPlatform, settings: WorkerSettings) {
  const platform = {
    ...rest,
    catalogue,
    decodeHeic,
    readAsset: (name: string) => readAsset(name).then(unshared(name)),
  };
  const ports = portsOf(platform, settings);
  return createInstance(platform, settings, {
    ...ports,
    backends: {
      ...ports.backends,
      onnx: () => startBackend(settings.backend, platform.readAsset, settings.threads),
    },
  });
}

serveInstance(
  {
    post: (message, transfer = []) => postMessage(message, { transfer: [...transfer] }),
    onMessage: (listener) => addEventListener('message', ({ data }) => listener(data)),
  },
  create,
);

/** Browsers compile WASM only in memory that is not shared; networks may stay there. */
function unshared(name: string) {
  return (bytes: Uint8Array) => (name.endsWith('.wasm') ? new Uint8Array(bytes) : bytes);
}
