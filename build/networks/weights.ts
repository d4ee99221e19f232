import { compactTensor } from '../../src/nn/compact.ts';
import { readOnnxTensors } from '../../src/nn/onnx-reader.ts';
import { type DecodedTensor, decodeTfjsWeights } from '../../src/nn/tfjs-weights.ts';
import { decodeTfliteWeights } from './tflite.ts';

export type WeightTensor = DecodedTensor;

/**
 * A network's weights by name, answered in the layouts that ONNX wants. Every question names the
 * shape that the recipe expects, so that weights of another network are refused at once.
 */
export interface Weights {
  /** @throws Error where there is no such tensor or it has another shape. */
  tensor(name: string, shape: readonly number[]): WeightTensor;
  /** A convolution's filters, answered [out, in, height, width]; TensorFlow stores [height, width, in, out]. */
  filters(name: string, size: number, channelsIn: number, channelsOut: number): WeightTensor;
  /** Depthwise filters, answered [channels, 1, height, width]; TensorFlow stores [height, width, channels, 1]. */
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

/**
 * Reads the constants of an ONNX model.
 *
 * @throws RangeError where the bytes are none.
 */
export function readOnnxWeights(model: Uint8Array): Weights {
  const floats = [...readOnnxTensors(model)].flatMap(([name, { shape, data }]) =>
    data instanceof Float32Array ? [[name, { shape, data }] as const] : [],
  );
  const { tensor } = weightsOf(new Map(floats));
  return {
    tensor,
    filters: (name, size, channelsIn, channelsOut) => tensor(name, [channelsOut, channelsIn, size, size]),
    depthwiseFilters: (name, size, channels) => tensor(name, [channels, 1, size, size]),
  };
}

/**
 * Reads the weights of a TensorFlow Lite network.
 *
 * @throws Error with what is wrong with the file.
 */
export function readTfliteWeights(file: Uint8Array): Weights {
  return weightsOf(decodeTfliteWeights(file));
}

function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

/** Wraps tensors in TensorFlow's layouts. */
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
      return transposed(
        stored,
        [channelsOut, channelsIn, size, size],
        [size * size, channelsIn, channelsOut],
      );
    },
    depthwiseFilters(name, size, channels) {
      const stored = tensor(name, [size, size, channels, 1]);
      return transposed(stored, [channels, 1, size, size], [size * size, channels, 1]);
    },
  };
}

type Axes = readonly [taps: number, channelsIn: number, channelsOut: number];

/** The three axes reversed, in as many bits as the values are stored in. */
function transposed(tensor: WeightTensor, shape: readonly number[], axes: Axes): WeightTensor {
  const { compact } = tensor;
  if (!compact) return { shape, data: reversed(tensor.data, axes, new Float32Array(tensor.data.length)) };
  if ('halves' in compact) {
    const { halves } = compact;
    return compactTensor(shape, { halves: reversed(halves, axes, new Uint16Array(halves.length)) });
  }
  const { codes } = compact;
  return compactTensor(shape, { ...compact, codes: reversed(codes, axes, new Uint8Array(codes.length)) });
}

function reversed<Values extends Float32Array | Uint16Array | Uint8Array>(
  values: Values,
  [taps, channelsIn, channelsOut]: Axes,
  result: Values,
): Values {
  for (let tap = 0; tap < taps; tap++) {
    for (let input = 0; input < channelsIn; input++) {
      for (let output = 0; output < channelsOut; output++) {
        result[(output * channelsIn + input) * taps + tap] =
          values[(tap * channelsIn + input) * channelsOut + output]!;
      }
    }
  }
  return result;
}
