import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Tensor } from '../../src/nn/network.ts';

/** As much of a TensorFlow.js tensor as the tests use; NHWC. */
export interface TfTensor {
  readonly shape: number[];
  dataSync(): Float32Array;
}

/** A layer's output in the reference's own computation. */
export type TfOperations = Record<string, (...parameters: unknown[]) => TfTensor>;

/** One of face-api's networks. */
export interface ReferenceNetwork {
  loadFromDisk(folder: string): Promise<void>;
  /** The forward pass that face-api's own functions use. */
  forward(input: readonly TfTensor[]): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: the parameters are nested per network
  readonly params: any;
}

export interface FaceApi {
  readonly nets: Record<
    'ssdMobilenetv1' | 'faceLandmark68Net' | 'faceRecognitionNet' | 'ageGenderNet' | 'faceExpressionNet',
    // biome-ignore lint/suspicious/noExplicitAny: networks differ in what else they offer
    ReferenceNetwork & Record<string, any>
  >;
}

const require = createRequire(import.meta.url);

/**
 * The reference: `@vladmandic/face-api`'s own code on tfjs-backend-wasm. Its build for Node asks
 * for the package `@tensorflow/tfjs`, of which tfjs-core is all that it uses.
 */
export async function loadReference(): Promise<{
  faceapi: FaceApi;
  tf: TfOperations;
  weightsFolder: string;
}> {
  const tf = require('@tensorflow/tfjs-core');
  require('@tensorflow/tfjs-backend-wasm');
  addMethods(tf);
  await tf.setBackend('wasm');
  await tf.ready();

  const file = require.resolve('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const module = { exports: {} };
  const requireFor = (name: string) => (name === '@tensorflow/tfjs' ? tf : require(name));
  new Function('require', 'module', 'exports', readFileSync(file, 'utf8'))(
    requireFor,
    module,
    module.exports,
  );
  return {
    faceapi: module.exports as FaceApi,
    tf,
    weightsFolder: new URL('../../node_modules/@vladmandic/face-api/model', import.meta.url).pathname,
  };
}

/** The operations that face-api calls as methods of tensors, which tfjs-core has as functions. */
// biome-ignore lint/suspicious/noExplicitAny: a patch of a foreign class
function addMethods(tf: any): void {
  const { prototype } = tf.Tensor;
  for (const name of ['div', 'mul', 'sub', 'mean']) {
    prototype[name] = function (...parameters: unknown[]) {
      return tf[name](this, ...parameters);
    };
  }
  for (const rank of [1, 2, 3, 4]) {
    prototype[`as${rank}D`] = function (...shape: number[]) {
      return tf.reshape(this, rank === 1 ? [-1] : shape);
    };
  }
}

/** The values of an NHWC tensor, in NCHW. */
export function planar({ shape, data }: Tensor): Tensor {
  const [count, height, width, channels] = shape as [number, number, number, number];
  const result = new Float32Array(data.length);
  for (let item = 0; item < count; item++) {
    for (let pixel = 0; pixel < height * width; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        result[(item * channels + channel) * height * width + pixel] =
          data[(item * height * width + pixel) * channels + channel]!;
      }
    }
  }
  return { shape: [count, channels, height, width], data: result };
}
