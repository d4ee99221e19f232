import { blockChannels, wordsOfRun } from '../../../wasm/conv.ts';
import { depthwiseChannels, wordsOfColumn } from '../../../wasm/depthwise.ts';
import type { ConvLayer } from './layers.ts';
import type { Storage } from './storage.ts';

/** A convolution's weights in the order in which its kernel reads them. */
export interface PackedWeights {
  readonly weights: ArrayBuffer;
  /** See `wasm/finish.ts`. */
  readonly table: ArrayBuffer;
  /** What sums are shifted by: see `wasm/finish.ts`. */
  readonly shift: number;
}

/** The maps that a convolution reads and writes, but for what it adds. */
export interface ConvMaps {
  readonly input: Storage;
  readonly output: Storage;
}

/** What stored numbers stand for, by output channel. */
interface Scales {
  readonly weight: readonly number[];
  readonly bias: readonly number[];
  /** What sums are multiplied by on their way to memory. */
  readonly factor?: readonly number[];
  /** Added to every stored bias, so that a shift rounds. */
  readonly half: number;
  readonly shift: number;
}

const largestWord = 32767;

/** Packs a layer's weights in the units of its input and output. Sums of integers cannot overflow. */
export function packWeights(layer: ConvLayer, maps: ConvMaps): PackedWeights {
  const { input, output } = maps;
  const { data, shape } = layer.filters;
  const whole = input.format.name === 'i16';
  const blockSize = layer.depthwise ? depthwiseChannels(input.format) : blockChannels(output.stored);
  const order = layer.depthwise ? depthwiseOrder(layer, input) : convOrder(layer, input, output, blockSize);
  const scales = scalesOf(layer, maps);
  const perChannel = data.length / (shape[0] as number);
  const weights = new (whole ? Int16Array : Float32Array)(order.length);
  for (let index = 0; index < order.length; index++) {
    const source = order[index] as number;
    if (source < 0) continue;
    const weight = (data[source] as number) / (scales.weight[(source / perChannel) | 0] as number);
    weights[index] = whole ? Math.round(weight) : weight;
  }

  const table: number[] = [];
  for (let block = 0; block < output.stored; block += blockSize) {
    const channels = Array.from({ length: blockSize }, (_, index) => block + index);
    const biases = channels.map((channel) => {
      const bias = (layer.bias?.[channel] ?? 0) / (scales.bias[channel] ?? 1);
      return whole ? Math.round(bias) + scales.half : bias;
    });
    table.push(...new Uint8Array((whole ? Int32Array : Float32Array).from(biases).buffer));
    if (!scales.factor) continue;
    const factors = channels.map((channel) => scales.factor?.[channel] ?? 0);
    table.push(...new Uint8Array(Float32Array.from(factors).buffer));
  }
  return { weights: weights.buffer, table: Uint8Array.from(table).buffer, shift: scales.shift };
}

function scalesOf(layer: ConvLayer, maps: ConvMaps): Scales {
  const { input, output } = maps;
  if (input.format.name === 'f32') {
    const unit = Array<number>(output.channels).fill(output.unit);
    return { weight: unit, bias: unit, half: 0, shift: 0 };
  }
  const channels = channelsOf(layer);
  const shift = output.format.name === 'i16' ? shiftOf(channels, maps) : 0;
  return isFine(shift, channels, maps) ? scalesForShift(shift, maps) : scalesForFactors(channels, maps);
}

/** What matters of an output channel for how finely its weights can be stored. */
interface Channel {
  readonly weights: number;
  readonly largest: number;
  readonly sum: number;
  readonly bias: number;
}

function channelsOf({ filters: { shape, data }, bias }: ConvLayer): Channel[] {
  const weights = data.length / (shape[0] as number);
  return Array.from({ length: shape[0] as number }, (_, channel) => {
    let largest = 0;
    let sum = 0;
    for (const weight of data.subarray(channel * weights, (channel + 1) * weights)) {
      largest = Math.max(largest, Math.abs(weight));
      sum += Math.abs(weight);
    }
    return { weights, largest, sum, bias: Math.abs(bias?.[channel] ?? 0) };
  });
}

const largestValue = ({ low, high }: Storage): number => Math.max(-low, high);

/** What sums of 32 bits have room for where each weight's rounding may add half a unit. */
const roomOf = ({ weights }: Channel, input: Storage): number =>
  2 ** 31 - 1 - (weights / 2) * largestValue(input);

/** Each channel's weights are as fine as 16 bits and the 32 bits of its sum allow; its sums take a factor. */
function scalesForFactors(channels: readonly Channel[], { input, output }: ConvMaps): Scales {
  const weight = channels.map((channel) => {
    const most = channel.sum * largestValue(input) + channel.bias / input.unit;
    return Math.max(channel.largest / largestWord, most / roomOf(channel, input)) || 1;
  });
  const bias = weight.map((unit) => unit * input.unit);
  return { weight, bias, factor: bias.map((unit) => unit / output.unit), half: 0, shift: 0 };
}

/**
 * All channels' weights are finer than the output by the same power of two, so that a shift brings
 * sums to it: less work than a factor, but no finer than the channel with the largest sum allows.
 */
function scalesForShift(shift: number, { input, output }: ConvMaps): Scales {
  const unit = output.unit / 2 ** shift;
  const alike = (value: number) => Array<number>(output.channels).fill(value);
  return { weight: alike(unit / input.unit), bias: alike(unit), half: 2 ** (shift - 1), shift };
}

function shiftOf(channels: readonly Channel[], { input, output }: ConvMaps): number {
  const most = channels.map((channel) => {
    const weight = (channel.largest * input.unit) / output.unit;
    const sum = (channel.sum * input.unit * largestValue(input) + channel.bias) / output.unit + 0.5;
    return Math.log2(Math.min(largestWord / weight, roomOf(channel, input) / sum));
  });
  // Half of what is shifted out is an integer of 32 bits too.
  return Math.floor(Math.min(30, ...most));
}

/** Whether rounding weights to what a shift leaves of them costs little beside rounding maps. */
function isFine(shift: number, [channel]: readonly Channel[], { input, output }: ConvMaps): boolean {
  const { weights } = channel as Channel;
  const error = (Math.sqrt(weights) * largestValue(input)) / largestValue(output);
  return shift > 0 && error < 2 ** (shift - 9);
}

/**
 * Places in `filters` in the order of packing; -1 is a zero. Blocks of channels, rows, words of a
 * row, channels, values of a word.
 */
function convOrder(
  { filters, kernel }: ConvLayer,
  { format, stored }: Storage,
  output: Storage,
  blockSize: number,
): Int32Array {
  const [channelsOut, channelsIn] = filters.shape as [number, number];
  const { group } = format;
  const runWords = wordsOfRun({ format, channels: stored }, kernel[1]);
  const order = new Int32Array(output.stored * kernel[0] * runWords * group);
  let index = 0;
  for (let block = 0; block < output.stored; block += blockSize)
    for (let y = 0; y < kernel[0]; y++)
      for (let word = 0; word < runWords * group; word += group)
        for (let out = block; out < block + blockSize; out++)
          for (let value = word; value < word + group; value++) {
            const x = Math.floor(value / stored);
            const inner = value % stored;
            const exists = out < channelsOut && inner < channelsIn && x < kernel[1];
            order[index++] = exists ? ((out * channelsIn + inner) * kernel[0] + y) * kernel[1] + x : -1;
          }
  return order;
}

/** Blocks of channels, words of a column, columns, channels, rows of a word. */
function depthwiseOrder({ filters, kernel }: ConvLayer, { format, stored }: Storage): Int32Array {
  const channels = filters.shape[0] as number;
  const words = wordsOfColumn(format, kernel[0]);
  const blockSize = depthwiseChannels(format);
  const order = new Int32Array(stored * words * kernel[1] * format.group);
  let index = 0;
  for (let block = 0; block < stored; block += blockSize)
    for (let word = 0; word < words; word++)
      for (let x = 0; x < kernel[1]; x++)
        for (let channel = block; channel < block + blockSize; channel++)
          for (let row = word * format.group; row < (word + 1) * format.group; row++) {
            const exists = channel < channels && row < kernel[0];
            order[index++] = exists ? (channel * kernel[0] + row) * kernel[1] + x : -1;
          }
  return order;
}
