import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import loadGlue, {
  type BackendWasmModule,
} from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { messageOf, PhizError } from '../errors.ts';
import { tensorOf } from './images.ts';
import type { InferenceBackend, Network, Tensor } from './network.ts';
import { splitTfjsModel } from './tfjs-model.ts';
import { decodeTfjsWeights } from './tfjs-weights.ts';

export interface TfjsBackendOptions {
  /** The bytes of `tfjs-backend-wasm-simd.wasm`. */
  readonly wasmBinary: Uint8Array;
}

/**
 * Runs TensorFlow.js graph models (see {@link joinTfjsModel}) on tfjs-backend-wasm, one thread.
 * Tensors have the model's own layout, which is NHWC as a rule.
 *
 * TensorFlow.js has one engine a thread: the first backend of a thread sets it up for all.
 */
export function createTfjsBackend({ wasmBinary }: TfjsBackendOptions): InferenceBackend {
  return {
    async load(model) {
      engine ??= startEngine(wasmBinary);
      await engine;
      return loadNetwork(model).catch((reason: unknown) => {
        const message = messageOf(reason);
        throw new PhizError('MODEL_UNAVAILABLE', `the network cannot be loaded: ${message}`, {
          cause: reason,
        });
      });
    },
  };
}

let engine: Promise<void> | undefined;

/**
 * The package's own start looks for its binary beside the code or fetches it. Here the binary is
 * at hand, so that its glue is called directly and the backend registered in the package's place.
 */
async function startEngine(wasmBinary: Uint8Array): Promise<void> {
  const module = await (loadGlue as unknown as LoadGlue)({ wasmBinary });
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => new BackendWasm(withFunctions(module)));
  await tf.setBackend('wasm');
}

/** The glue's settings that its declaration leaves out. */
type LoadGlue = (settings: { wasmBinary: Uint8Array }) => Promise<EmscriptenGlue>;
type EmscriptenGlue = BackendWasmModule & {
  cwrap<Signature>(name: string, result: 'number' | null, parameters: readonly 'number'[]): Signature;
};

/** Adds the functions that {@link BackendWasm} expects on the module, under the names it uses. */
function withFunctions(module: EmscriptenGlue): BackendWasmModule {
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  };
  return module;
}

async function loadNetwork(file: Uint8Array): Promise<Network> {
  const { description, weights } = splitTfjsModel(file);
  // Only to check it: the package reads weights beyond the end of their file without a word.
  decodeTfjsWeights(description.weightsManifest, weights);
  const groups = description.weightsManifest as { weights: tf.io.WeightsManifestEntry[] }[];
  const model = await loadGraphModel(
    tf.io.fromMemory({
      modelTopology: description.modelTopology as object,
      signature: description.signature as object,
      format: 'graph-model',
      weightSpecs: groups.flatMap((group) => group.weights),
      weightData: Uint8Array.from(weights).buffer,
    }),
  );
  const inputNames = model.inputs.map(({ name }) => name);
  const outputNames = model.outputs.map(({ name }) => name);
  return {
    inputNames,
    outputNames,
    runsOn: `tfjs-backend-wasm ${tf.version_core}, WASM SIMD`,
    run: (inputs) => run(model, inputs, outputNames),
    close: async () => model.dispose(),
  };
}

async function run(
  model: GraphModel,
  inputs: Parameters<Network['run']>[0],
  outputNames: string[],
): Promise<Record<string, Tensor>> {
  const results = tf.tidy(() => {
    const feeds = Object.fromEntries(
      model.inputs.map(({ name, dtype }) => {
        const input = inputs[name];
        if (!input) throw new TypeError(`input ${name} is missing; given are ${Object.keys(inputs)}`);
        const { data, shape } = tensorOf(input);
        return [name, tf.tensor(data, [...shape], dtype)];
      }),
    );
    return model.execute(feeds, outputNames);
  });
  const tensors = Array.isArray(results) ? results : [results];
  const outputs = tensors.map((tensor, index) => [
    outputNames[index]!,
    { data: Float32Array.from(tensor.dataSync()), shape: tensor.shape },
  ]);
  tf.dispose(tensors);
  return Object.fromEntries(outputs);
}
