import { blockChannels } from '../../../wasm/conv.ts';
import { depthwiseChannels, wordsOfColumn } from '../../../wasm/depthwise.ts';
import type { Format } from '../../../wasm/formats.ts';
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

/** The maps that a convolution reads and writes, but for what it adds. */
export interface ConvMaps {
  readonly input: Storage;
  readonly output: Storage;
}

/**
 * Packs a layer's weights in the units of its input and output.
 *
 * @throws UnsupportedNetworkError where sums of integers may leave what a kernel can round.
 */
export function packWeights(layer: ConvLayer, { input, output }: ConvMaps): PackedWeights {
  const { format } = input;
  const blockSize = layer.depthwise ? depthwiseChannels(format) : blockChannels(output.stored);
  const order = layer.depthwise ? depthwiseOrder(layer, input) : convOrder(layer, input, output, blockSize);
  const units = weightUnits(layer, format);
  const packed = newArray(format, order.length);
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
    sizes[channel] = (sizes[channel] as number) + Math.abs(stored);
  }

  const table: number[] = [];
  for (let block = 0; block < output.stored; block += blockSize) {
    const channels = Array.from({ length: blockSize }, (_, index) => block + index);
    const factors = channels.map((channel) =>
      format.name === 'f32' ? 1 : ((units[channel] ?? 0) * input.unit) / output.unit,
    );
    const biases = channels.map((channel) => (layer.bias?.[channel] ?? 0) / output.unit);
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

/**
 * What a stored weight of 1 stands for, by output channel. Integers are as fine as their largest
 * value allows and the 32 bits that a channel is summed in: none must overflow, whatever the input is.
 */
function weightUnits({ filters: { shape, data } }: ConvLayer, format: Format): number[] {
  const perChannel = data.length / (shape[0] as number);
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
    return Math.max(largest / format.largestWeight, sum / room) || 1;
  });
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
  return format.name === 'f32' ? new Float32Array(length) : new Int16Array(length);
}
