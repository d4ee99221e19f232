import { type DecodedPicture, decodePicture } from '../image/decode.ts';
import { createKernelBackend } from '../nn/kernels/backend.ts';
import { onDemand } from '../nn/on-demand.ts';
import type { Platform } from '../platform.ts';
import { withCheckpoints } from './checkpoints.ts';
import { chooseNetworks } from './choose-networks.ts';
import type { ExtractOptions } from './extraction.ts';
import { instanceWith } from './instance.ts';
import { type Backends, createModels, type ModelSource } from './models.ts';
import type { Pack } from './pack.ts';
import { createPlanner, overviewFor } from './planner.ts';
import type { InstanceSettings } from './settings.ts';
import type { Checkpoint, Instance } from './work.ts';

/** An instance's tools besides its networks. */
export interface Ports {
  readonly backends: Backends;
  /** @param requests what the picture is decoded for */
  decode(
    bytes: Uint8Array,
    requests: readonly ExtractOptions[],
    checkpoint: Checkpoint,
  ): Promise<DecodedPicture>;
}

/**
 * An instance with the networks that the settings name, on what the runtime hands in.
 *
 * @param ports benchmarks bring their own
 */
export function createInstance(
  platform: Platform,
  settings: InstanceSettings,
  ports: Ports = portsOf(platform, settings),
): Instance {
  const readAsset = (name: string) => platform.readAsset(name);
  const sources = new Map<string, ModelSource>();
  const sourceOf = ({ manifest, build }: Pack): ModelSource => {
    const source = sources.get(manifest.id) ?? { manifest, read: () => build(readAsset) };
    sources.set(manifest.id, source);
    return source;
  };
  const ofRoles = [...chooseNetworks(platform.catalogue, settings)].map(
    ([role, packs]) => [role, packs.map(sourceOf)] as const,
  );
  return withCheckpoints(ports.backends, (backends) =>
    instanceWith(
      createModels(backends, new Map(ofRoles), settings, platform.helpers),
      ports.decode,
      settings.models,
    ),
  );
}

/** Our own decoders, and the backends that run in WebAssembly. */
export function portsOf(platform: Platform, settings: InstanceSettings): Ports {
  const readAsset = (name: string) => platform.readAsset(name);
  const plan = createPlanner(platform.catalogue, settings);
  return {
    backends: createBackends(platform),
    decode: (bytes, requests, checkpoint) =>
      decodePicture(
        bytes,
        { ...settings, overview: (size) => overviewFor(plan, requests, size) },
        { readAsset, checkpoint, decodeHeic: platform.decodeHeic },
      ),
  };
}

/** The backends that run in WebAssembly. What most services never need is large, and loaded on demand. */
export function createBackends({ readAsset }: Pick<Platform, 'readAsset'>): Backends {
  return {
    onnx: async () =>
      createKernelBackend(
        onDemand(async () => {
          const { createOnnxBackend } = await import('../nn/onnx.ts');
          return createOnnxBackend({ wasmBinary: await readAsset('wasm/onnxruntime.wasm') });
        }),
      ),
    async tfjs() {
      const { createTfjsBackend } = await import('../nn/tfjs.ts');
      return createTfjsBackend({ wasmBinary: await readAsset('wasm/tfjs.wasm') });
    },
  };
}
