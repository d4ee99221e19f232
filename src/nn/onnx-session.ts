import type * as Ort from 'onnxruntime-web';
import { messageOf, PhizError } from '../errors.ts';
import { tensorOf } from './images.ts';
import type { InferenceBackend, Network, Tensor } from './network.ts';

export interface SessionBackendOptions {
  /** The bytes of the WASM binary that belongs to the build of the package. */
  readonly wasmBinary: Uint8Array;
  /** Threads of one forward pass. More than one needs shared memory. */
  readonly threads: number;
  /** The provider of the operators; those that it lacks run in WASM. */
  readonly provider: 'wasm' | 'webgpu';
}

/**
 * Runs ONNX models on a build of onnxruntime-web. Nothing is looked for beside the code: the binary
 * is handed in, and its glue is part of the package's bundled module.
 *
 * onnxruntime-web has one environment a thread, set up by its first session: the options of the
 * first backend of a thread hold for all.
 */
export function createSessionBackend(
  ort: typeof Ort,
  { wasmBinary, threads, provider }: SessionBackendOptions,
): InferenceBackend {
  const { env } = ort;
  env.wasm.wasmBinary ??= wasmBinary as Uint8Array<ArrayBuffer>;
  env.wasm.numThreads = threads;
  env.logLevel = 'error';
  return { load: (model) => loadNetwork(ort, model, provider) };
}

async function loadNetwork(
  ort: typeof Ort,
  model: Uint8Array,
  provider: SessionBackendOptions['provider'],
): Promise<Network> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    // Planning memory ahead pays only while shapes repeat: with batches of different sizes it costs
    // a fifth of the heap (129 MB against 107 for the five default networks) and no time is gained.
    enableMemPattern: false,
    // Weights kept in bytes are expanded once, now, instead of in every forward pass.
    extra: { session: { disable_quant_qdq: '1' } },
  }).catch((reason: unknown) => {
    throw new PhizError('MODEL_UNAVAILABLE', `the network cannot be loaded: ${messageOf(reason)}`, {
      cause: reason,
    });
  });
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    runsOn: `onnxruntime-web ${ort.env.versions.web}, ${provider === 'webgpu' ? 'WebGPU' : 'WASM SIMD'}`,
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => {
          const { data, shape } = tensorOf(input);
          return [name, new ort.Tensor('float32', data, shape)];
        }),
      );
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, toTensor(name, tensor)]),
      );
    },
    close: () => session.release(),
  };
}

function toTensor(name: string, { type, data, dims }: Ort.Tensor): Tensor {
  if (!(data instanceof Float32Array))
    throw new TypeError(`output ${name}: expected float32, the network gives ${type}`);
  return { data, shape: dims };
}
