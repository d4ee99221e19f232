import { blockChannels, wordsOfRun } from '../../../wasm/conv.ts';
import { largestValue, middleOffset, middlePlace, places } from '../../../wasm/winograd.ts';
import type { ConvLayer } from './layers.ts';
import type { KernelMemory } from './memory.ts';
import { type ConvMaps, packedBias } from './pack.ts';

/** The constants of a convolution that is computed as in `wasm/winograd.ts`. */
export interface WinogradConstants {
  /** Addresses of what its kernels read. */
  readonly weights: number;
  readonly starts: number;
  readonly middles: number;
  /** The largest stored value of an input that is computed so. */
  readonly limit: number;
}

/** Channels from which on fewer products outweigh the steps before and after them. */
const leastChannels = 32;

/**
 * Transforms a convolution's packed weights. Input values up to the limit leave no doubt of a sum's upper bits;
 * it is half of what a map of known range can hold, and twice what was measured.
 *
 * @param packed addresses of the packed weights, and the shift of their sums
 * @returns undefined where they do not suit: other windows than 3×3, few channels, negative inputs, or
 * weights that need more bits
 */
export function packWinograd(
  layer: ConvLayer,
  maps: ConvMaps,
  memory: KernelMemory,
  packed: { readonly weights: number; readonly table: number; readonly shift: number },
): WinogradConstants | undefined {
  if (!suits(layer, maps)) return undefined;
  const { input, output } = maps;
  const { stored } = output;
  const weights = memory.take(places * input.stored * stored * input.format.bytes);
  const sums = transformWeights(maps, memory, packed.weights, weights);
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
  return { weights, starts, middles, limit };
}

function suits(layer: ConvLayer, { input, output }: ConvMaps): boolean {
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
    Math.min(input.channels, output.channels) >= leastChannels
  );
}

/** @returns the sum of each output channel's weights, and that of their sizes; undefined where 16 bits are too few */
function transformWeights(
  { input, output }: ConvMaps,
  memory: KernelMemory,
  from: number,
  to: number,
): { weights: readonly number[]; sizes: readonly number[] } | undefined {
  const { stored } = output;
  const size = blockChannels(stored);
  const words = input.stored / input.format.group;
  const wordBytes = size * 4;
  const results = memory.scratch(stored * 8 + 32);
  const rowBytes = wordsOfRun({ format: input.format, channels: input.stored }, 3) * wordBytes;
  const placeBytes = input.stored * stored * input.format.bytes;
  memory.winogradWeights(
    from,
    to,
    results,
    stored / size,
    size / 4,
    words,
    rowBytes,
    words * wordBytes,
    wordBytes,
    placeBytes,
  );
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
