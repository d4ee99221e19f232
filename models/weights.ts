import { type DecodedTensor, decodeTfjsWeights } from '../src/nn/tfjs-weights.ts';

export type WeightTensor = DecodedTensor;

/**
 * A network's weights by name, answered in the layouts that ONNX wants. Every question names the
 * shape that the recipe expects, so that weights of another network are refused at once.
 */
export interface Weights {
  /** @throws Error where there is no such tensor or it has another shape. */
  tensor(name: string, shape: readonly number[]): WeightTensor;
  /** A convolution's filters: stored [height, width, in, out], answered [out, in, height, width]. */
  filters(name: string, size: number, channelsIn: number, channelsOut: number): WeightTensor;
  /** Depthwise filters: stored [height, width, channels, 1], answered [channels, 1, height, width]. */
  depthwiseFilters(name: string, size: number, channels: number): WeightTensor;
}

/**
 * Reads the pair of files in which face-api ships a network.
 *
 * @param manifest JSON, see {@link decodeTfjsWeights}
 * @throws Error with what is wrong with the files.
 */
export function readWeights(manifest: Uint8Array, binary: Uint8Array): Weights {
  return weightsOf(decodeTfjsWeights(parseJson(manifest), binary));
}

/**
 * Reads the weights of a TensorFlow.js graph model.
 *
 * @param description `model.json`
 * @throws Error with what is wrong with the files.
 */
export function readGraphModelWeights(description: Uint8Array, binary: Uint8Array): Weights {
  const { weightsManifest } = parseJson(description) as { weightsManifest?: unknown };
  return weightsOf(decodeTfjsWeights(weightsManifest, binary));
}

function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

/** Wraps decoded tensors. */
function weightsOf(tensors: ReadonlyMap<string, WeightTensor>): Weights {
  function tensor(name: string, shape: readonly number[]): WeightTensor {
    const found = tensors.get(name);
    if (!found) throw new Error(`the weights lack ${name}`);
    if (found.shape.join() !== shape.join()) {
      throw new Error(`weights ${name}: expected shape [${shape}], found [${found.shape}]`);
    }
    return found;
  }

  return {
    tensor,
    filters(name, size, channelsIn, channelsOut) {
      const stored = tensor(name, [size, size, channelsIn, channelsOut]);
      return {
        shape: [channelsOut, channelsIn, size, size],
        data: transpose(stored.data, size * size, channelsIn, channelsOut),
      };
    },
    depthwiseFilters(name, size, channels) {
      const stored = tensor(name, [size, size, channels, 1]);
      return { shape: [channels, 1, size, size], data: transpose(stored.data, size * size, channels, 1) };
    },
  };
}

/** Reverses the three axes of [taps, channelsIn, channelsOut]. */
function transpose(data: Float32Array, taps: number, channelsIn: number, channelsOut: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let input = 0; input < channelsIn; input++) {
      for (let output = 0; output < channelsOut; output++) {
        result[(output * channelsIn + input) * taps + tap] = data[
          (tap * channelsIn + input) * channelsOut + output
        ] as number;
      }
    }
  }
  return result;
}
