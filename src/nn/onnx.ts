import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import { PhizError } from '../errors.ts';
import type { InferenceBackend, Network, Tensor } from './network.ts';

export interface OnnxBackendOptions {
  /** The bytes of onnxruntime-web's `ort-wasm-simd-threaded.wasm`. */
  readonly wasmBinary: Uint8Array;
  /** Threads of one forward pass, default 1. More than one needs shared memory. */
  readonly threads?: number;
}

/**
 * Runs ONNX models on onnxruntime-web's WASM (SIMD) provider. Nothing is looked for beside the
 * code: the binary is handed in, and its glue is part of the package's bundled module.
 *
 * onnxruntime-web has one environment a thread, set up by its first session: the options of the
 * first backend of a thread hold for all.
 */
export function createOnnxBackend({ wasmBinary, threads = 1 }: OnnxBackendOptions): InferenceBackend {
  env.wasm.wasmBinary ??= wasmBinary as Uint8Array<ArrayBuffer>;
  env.wasm.numThreads = threads;
  env.logLevel = 'error';
  return {
    description: `onnxruntime-web ${env.versions.web}, WASM SIMD, ${threads} thread${threads > 1 ? 's' : ''}`,
    load: loadNetwork,
  };
}

async function loadNetwork(model: Uint8Array): Promise<Network> {
  const session = await InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    // Planning memory ahead pays only while shapes repeat: with batches of different sizes it costs
    // a fifth of the heap (129 MB against 107 for the five default networks) and no time is gained.
    enableMemPattern: false,
  }).catch((reason: unknown) => {
    throw new PhizError('MODEL_UNAVAILABLE', `the network cannot be loaded: ${messageOf(reason)}`, {
      cause: reason,
    });
  });
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { data, shape }]) => [
          name,
          new OrtTensor('float32', data, shape),
        ]),
      );
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, toTensor(name, tensor)]),
      );
    },
    close: () => session.release(),
  };
}

function toTensor(name: string, { type, data, dims }: OrtTensor): Tensor {
  if (!(data instanceof Float32Array))
    throw new TypeError(`output ${name}: expected float32, the network gives ${type}`);
  return { data, shape: dims };
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
