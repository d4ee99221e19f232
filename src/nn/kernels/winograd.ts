import { largestValue, middleOffset, middlePlace, places } from '../../../wasm/winograd.ts';
import { weightSizes } from '../../../wasm/winograd-weights.ts';
import type { ConvLayer } from './layers.ts';
import type { KernelMemory } from './memory.ts';
import { type ConvMaps, packedBias } from './pack.ts';
import type { MapShape } from './shapes.ts';

/** The constants of a convolution that is computed as in `wasm/winograd.ts`, besides its weights and its table. */
export interface WinogradConstants {
  /** Addresses of what its kernels read. */
  readonly starts: number;
  readonly middles: number;
  /** The largest stored value of an input that is computed so. */
  readonly limit: number;
}

/** Channels from which on fewer products outweigh the steps before and after them. */
const leastChannels = 32;

/** Pixels of an output from which on the transformed weights, which are more, are read often enough. */
const leastPixels = 16;

/** Bytes of a convolution's transformed weights. */
export const transformedBytes = ({ input, output }: ConvMaps): number =>
  places * input.stored * output.stored * input.format.bytes;

/**
 * Transforms a convolution's packed weights. Input values up to the limit leave no doubt of a sum's upper bits;
 * it is half of what a map of known range can hold, and twice what was measured.
 *
 * @param packed addresses of the packed weights and their table, and the shift of their sums
 * @param to where the transformed weights are written, {@link transformedBytes}
 * @returns undefined where the transformed weights need more than 16 bits
 */
export function transformPacked(
  layer: ConvLayer,
  maps: ConvMaps,
  memory: KernelMemory,
  packed: {
    readonly weights: number;
    readonly bytes: number;
    readonly table: number;
    readonly shift: number;
  },
  to: number,
): WinogradConstants | undefined {
  const { input, output } = maps;
  const { stored } = output;
  const sums = transformWeights(maps, memory, packed, to);
  if (!sums) return undefined;
  const limit = Math.min(input.high, Math.floor((2 ** 30 - 4) / Math.max(...sums.sizes)));
  const [starts, middles] = [memory.take(places * stored * 4), memory.take(stored * 4)];
  const startsAtMiddle = new Int32Array(memory.buffer, starts + middlePlace * stored * 4, stored);
  const middleValues = new Int32Array(memory.buffer, middles, stored);
  for (const [channel, bias] of packedBias(layer, maps, memory, packed).entries()) {
    const sum = sums.weights[channel]!;
    const middle = Math.round((sum * limit) / 2);
    middleValues[channel] = middle + bias;
    startsAtMiddle[channel] = middleOffset * sum - 4 * middle;
  }
  return { starts, middles, limit };
}

/**
 * True where a convolution may be computed in squares, and gains by it: windows of 3×3, many channels and pixels, an
 * input without negative values.
 *
 * @param shape of the output; undefined where it differs from input to input
 */
export function suitsSquares(layer: ConvLayer, { input, output }: ConvMaps, shape?: MapShape): boolean {
  const is = (sizes: readonly [number, number], size: number) => sizes.every((each) => each === size);
  return (
    !layer.depthwise &&
    is(layer.window, 3) &&
    is(layer.stride, 1) &&
    is(layer.dilation, 1) &&
    input.format.name === 'i16' &&
    input.low >= 0 &&
    input.high <= largestValue &&
    // Pictures are stored without channels that fill a vector.
    input.stored % 8 === 0 &&
    Math.min(input.channels, output.channels) >= leastChannels &&
    (!shape || shape[1] * shape[2] >= leastPixels)
  );
}

/** @returns the sum of each output channel's weights, and that of their sizes; undefined where 16 bits are too few */
function transformWeights(
  { input, output }: ConvMaps,
  memory: KernelMemory,
  { weights, bytes }: { readonly weights: number; readonly bytes: number },
  to: number,
): { weights: readonly number[]; sizes: readonly number[] } | undefined {
  const { stored } = output;
  const results = memory.scratch(stored * 8 + 32, weights + bytes);
  memory.winogradWeights(weights, to, results, ...weightSizes(input.format, [input.stored, stored]));
  const extremes = new Int16Array(memory.buffer, results + stored * 8, 16);
  if (extremes.some((value) => value === 32767 || value === -32768)) return undefined;
  const ofVectors = new Int32Array(memory.buffer, results, stored * 2);
  const column = (first: number) =>
    Array.from(
      { length: stored },
      (_, channel) => ofVectors[(channel - (channel % 4)) * 2 + first + (channel % 4)]!,
    );
  return { weights: column(0), sizes: column(4) };
}
