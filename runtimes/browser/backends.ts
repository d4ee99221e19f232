import { createKernelBackend } from '../../src/nn/kernels/backend.ts';
import type { InferenceBackend } from '../../src/nn/network.ts';
import { onDemand } from '../../src/nn/on-demand.ts';
import { createSessionBackend } from '../../src/nn/onnx-session.ts';
import type { Platform } from '../../src/platform.ts';
import type { BackendName } from './backend-name.ts';

/** Starts a backend for ONNX models. @param threads of one forward pass */
export async function startBackend(
  name: BackendName,
  readAsset: Platform['readAsset'],
  threads: number,
): Promise<InferenceBackend> {
  switch (name) {
    case 'kernels':
      return createKernelBackend(onDemand(() => startBackend('onnxruntime', readAsset, threads)));
    case 'onnxruntime': {
      const { createOnnxBackend } = await import('../../src/nn/onnx.ts');
      return createOnnxBackend({ wasmBinary: await readAsset('wasm/onnxruntime.wasm'), threads });
    }
    case 'webgpu':
      return oneAtATime(
        createSessionBackend(await import('onnxruntime-web/jspi'), {
          wasmBinary: await readAsset('wasm/onnxruntime-webgpu.wasm'),
          threads,
          provider: 'webgpu',
        }),
      );
  }
}

/** A backend that does one thing after the other: WebGPU sessions can neither start nor run together. */
function oneAtATime(backend: InferenceBackend): InferenceBackend {
  let last: Promise<unknown> = Promise.resolve();
  const after = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    async load(model) {
      const network = await after(() => backend.load(model));
      return { ...network, run: (inputs) => after(() => network.run(inputs)) };
    },
  };
}
