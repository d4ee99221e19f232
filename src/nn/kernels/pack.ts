import { blockChannels } from '../../../wasm/conv.ts';
import { depthwiseChannels, wordsOfColumn } from '../../../wasm/depthwise.ts';
import { chainWords, type Format } from '../../../wasm/formats.ts';
import { chainLength } from '../../../wasm/sums.ts';
import { type ConvLayer, UnsupportedNetworkError } from './layers.ts';
import type { Storage } from './storage.ts';

/** A convolution's weights in the order in which its kernel reads them. */
export interface PackedWeights {
  readonly weights: ArrayBuffer;
  /** See `wasm/finish.ts`. */
  readonly table: Float32Array;
}

/** Least value that integers may be stored from (see `store` in wasm/formats.ts), less what a residual adds. */
const mostRounded = 11e6;

/** The maps that a convolution reads and writes. */
export interface ConvMaps {
  readonly input: Storage;
  readonly output: Storage;
  readonly residual?: Storage;
}

/**
 * Packs a layer's weights in the units of its input and output.
 *
 * @throws UnsupportedNetworkError where sums of integers may leave what a kernel can round.
 */
export function packWeights(given: ConvLayer, { input, output, residual }: ConvMaps): PackedWeights {
  const layer = withGains(given, input, output);
  const { format } = input;
  const blockSize = layer.depthwise ? depthwiseChannels(format) : blockChannels(format, output.stored);
  const order = layer.depthwise ? depthwiseOrder(layer, input) : convOrder(layer, input, output, blockSize);
  const units = weightUnits(layer, input, order, blockSize);
  const packed = newArray(format, order.length);
  const sums = new Float64Array(output.stored);
  const sizes = new Float64Array(output.stored);
  const { data, shape } = layer.filters;
  const perChannel = data.length / (shape[0] as number);
  const whole = format.name !== 'f32';
  for (let index = 0; index < order.length; index++) {
    const source = order[index] as number;
    if (source < 0) continue;
    const channel = (source / perChannel) | 0;
    const weight = (data[source] as number) / (units[channel] as number);
    const stored = whole ? Math.round(weight) : weight / output.unit;
    packed[index] = stored;
    sums[channel] = (sums[channel] as number) + stored;
    sizes[channel] = (sizes[channel] as number) + Math.abs(stored);
  }

  const table: number[] = [];
  for (let block = 0; block < output.stored; block += blockSize) {
    const channels = Array.from({ length: blockSize }, (_, index) => block + index);
    const factors = channels.map((channel) =>
      format.name === 'f32' ? 1 : ((units[channel] ?? 0) * input.unit) / output.unit,
    );
    const biases = channels.map((channel, index) => {
      const bias = (layer.bias?.[channel] ?? 0) / output.unit + output.zero;
      const inputZero = (factors[index] as number) * input.zero * (sums[channel] ?? 0);
      return bias - inputZero - (residual ? (residual.zero * residual.unit) / output.unit : 0);
    });
    if (format.name !== 'f32') {
      table.push(...factors);
      channels.forEach((channel, index) => {
        const most = (factors[index] as number) * format.largest * (sizes[channel] ?? 0);
        if (output.format.name !== 'f32' && most + Math.abs(biases[index] as number) > mostRounded)
          throw new UnsupportedNetworkError(`${layer.output}: its sums leave its range too far`);
      });
    }
    table.push(...biases);
  }
  return { weights: packed.buffer, table: Float32Array.from(table) };
}

/** The layer with the gains of its maps in its weights. */
function withGains(layer: ConvLayer, input: Storage, output: Storage): ConvLayer {
  if (!input.gains && !output.gains) return layer;
  const { shape, data } = layer.filters;
  const [channelsOut, channelsIn, height, width] = shape as [number, number, number, number];
  const taps = height * width;
  const gainOut = (channel: number) => output.gains?.[channel] ?? 1;
  const scaled = data.map((weight, index) => {
    const out = Math.floor(index / (channelsIn * taps));
    const source = layer.depthwise ? out : Math.floor(index / taps) % channelsIn;
    return (weight * (input.gains?.[source] ?? 1)) / gainOut(out);
  });
  const bias = Float32Array.from(
    { length: channelsOut },
    (_, channel) => (layer.bias?.[channel] ?? 0) / gainOut(channel),
  );
  return { ...layer, filters: { shape, data: scaled }, bias };
}

/**
 * What a stored weight of 1 stands for, by output channel. Integers are as fine as their largest
 * value allows and what they are summed in: 32 bits for a channel, 16 for a chain of bytes, and what
 * rounds the result. None must overflow, whatever the input is.
 */
function weightUnits(layer: ConvLayer, input: Storage, order: Int32Array, blockSize: number): number[] {
  const { shape, data } = layer.filters;
  const { format } = input;
  const perChannel = data.length / (shape[0] as number);
  const chains = format.name === 'i8' ? largestChains(layer, input, order, blockSize) : undefined;
  return Array.from({ length: shape[0] as number }, (_, channel) => {
    if (format.name === 'f32') return 1;
    const row = data.subarray(channel * perChannel, (channel + 1) * perChannel);
    let largest = 0;
    let sum = 0;
    for (const weight of row) {
      largest = Math.max(largest, Math.abs(weight));
      sum += Math.abs(weight);
    }
    // Rounding adds at most half a unit to each weight.
    const room = 2 ** 31 / format.largest - perChannel / 2 - 1;
    const chainRoom = Math.floor(32767 / format.largest) - chainWords;
    return Math.max(largest / format.largestWeight, sum / room, (chains?.[channel] ?? 0) / chainRoom) || 1;
  });
}

/**
 * The largest sum of weights of one sign that a 16-bit half of a chain sees, by output channel: see
 * `Chain` in wasm/formats.ts.
 */
function largestChains(
  { filters, depthwise, kernel }: ConvLayer,
  input: Storage,
  order: Int32Array,
  blockSize: number,
): Float64Array {
  const channels = filters.shape[0] as number;
  const { group } = input.format;
  const runWords = (kernel[1] * input.stored) / group;
  const blockWords = depthwise ? kernel[1] * wordsOfColumn(input.format, kernel[0]) : kernel[0] * runWords;
  const chain = depthwise ? chainWords : chainLength(runWords);
  const largest = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const block = Math.floor(channel / blockSize) * blockWords;
    for (let first = 0; first < blockWords; first += chain) {
      for (let half = 0; half < group; half += group / 2) {
        let above = 0;
        let below = 0;
        for (let word = first; word < Math.min(first + chain, blockWords); word++) {
          const place = ((block + word) * blockSize + (channel % blockSize)) * group + half;
          for (const source of order.subarray(place, place + group / 2)) {
            const weight = source < 0 ? 0 : (filters.data[source] as number);
            if (weight > 0) above += weight;
            else below -= weight;
          }
        }
        largest[channel] = Math.max(largest[channel] as number, above, below);
      }
    }
  }
  return largest;
}

/** Places in `filters` in the order of packing; -1 is a zero. Blocks of channels, rows, words, channels, values of a word. */
function convOrder(
  { filters, kernel }: ConvLayer,
  input: Storage,
  output: Storage,
  blockSize: number,
): Int32Array {
  const [channelsOut, channelsIn] = filters.shape as [number, number];
  const { group } = input.format;
  const order = new Int32Array(output.stored * kernel[0] * kernel[1] * input.stored);
  let index = 0;
  for (let block = 0; block < output.stored; block += blockSize)
    for (let y = 0; y < kernel[0]; y++)
      for (let x = 0; x < kernel[1]; x++)
        for (let word = 0; word < input.stored; word += group)
          for (let out = block; out < block + blockSize; out++)
            for (let inner = word; inner < word + group; inner++) {
              const exists = out < channelsOut && inner < channelsIn;
              order[index++] = exists ? ((out * channelsIn + inner) * kernel[0] + y) * kernel[1] + x : -1;
            }
  return order;
}

/** Blocks of channels, columns, words of a column, channels, rows of a word. */
function depthwiseOrder({ filters, kernel }: ConvLayer, { format, stored }: Storage): Int32Array {
  const channels = filters.shape[0] as number;
  const words = wordsOfColumn(format, kernel[0]);
  const blockSize = depthwiseChannels(format);
  const order = new Int32Array(stored * kernel[1] * words * format.group);
  let index = 0;
  for (let block = 0; block < stored; block += blockSize)
    for (let x = 0; x < kernel[1]; x++)
      for (let word = 0; word < words; word++)
        for (let channel = block; channel < block + blockSize; channel++)
          for (let row = word * format.group; row < (word + 1) * format.group; row++) {
            const exists = channel < channels && row < kernel[0];
            order[index++] = exists ? (channel * kernel[0] + row) * kernel[1] + x : -1;
          }
  return order;
}

function newArray(format: Format, length: number) {
  if (format.name === 'f32') return new Float32Array(length);
  return format.name === 'i16' ? new Int16Array(length) : new Int8Array(length);
}
