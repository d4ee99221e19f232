import { blockChannels, wordsOfRun } from '../../../wasm/conv.ts';
import { depthwiseChannels, wordsOfColumn } from '../../../wasm/depthwise.ts';
import { rowOf } from '../compact.ts';
import type { ConvLayer, ConvWeights } from './layers.ts';
import type { Storage } from './storage.ts';

/** The maps that a convolution reads and writes, but for what it adds. */
export interface ConvMaps {
  readonly input: Storage;
  readonly output: Storage;
}

/** Bytes that a convolution's packed weights take, and at most their table (see `wasm/finish.ts`). */
export function packedBytes(layer: ConvLayer, maps: ConvMaps): { weights: number; table: number } {
  const { format } = maps.input;
  const { size, length } = blockOf(layer, maps);
  return {
    weights: (maps.output.stored / size) * length * format.bytes,
    table: maps.output.stored * (format.name === 'i16' ? 8 : 4),
  };
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

/**
 * Packs a convolution's weights in the units of its input and output, in the order in which its
 * kernel reads them. Sums of integers cannot overflow.
 *
 * @param packed zeros, of {@link packedBytes}: is written
 * @param table zeros, of {@link packedBytes}: is written
 * @returns what sums are shifted by: see `wasm/finish.ts`
 */
export function packWeights(
  layer: ConvLayer,
  weights: ConvWeights,
  maps: ConvMaps,
  packed: Uint8Array,
  table: Uint8Array,
): number {
  const scales = scalesOf(layer, weights, maps);
  const whole = maps.input.format.name === 'i16';
  const { size, length, places } = blockOf(layer, maps);
  const [integers, floats] = [wordsIn(packed), floatsIn(packed)];
  const [sums, factors] = [integersIn(table), floatsIn(table)];
  const scratch = new Float32Array(places.length);
  for (let channel = 0; channel < (layer.filterShape[0] as number); channel++) {
    const row = rowOf(weights.filters, channel, scratch);
    const inBlock = channel % size;
    const block = (channel - inBlock) / size;
    const start = block * length + inBlock * maps.input.format.group;
    const unit = scales.weight[channel] as number;
    const bias = (weights.bias?.[channel] ?? 0) / (scales.bias[channel] as number);
    const place = block * size * (scales.factor ? 2 : 1) + inBlock;
    if (whole) {
      packIntegers(row, unit, integers, start, places);
      sums[place] = Math.round(bias) + scales.half;
    } else {
      packFloats(row, unit, floats, start, places);
      factors[place] = bias;
    }
    if (scales.factor) factors[place + size] = scales.factor[channel] as number;
  }
  return scales.shift;
}

const wordsIn = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new Int16Array(buffer, byteOffset, byteLength / 2);
const integersIn = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new Int32Array(buffer, byteOffset, byteLength / 4);
const floatsIn = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new Float32Array(buffer, byteOffset, byteLength / 4);

/** Writes one channel's weights in units. */
function packIntegers(
  row: Float32Array,
  unit: number,
  packed: Int16Array,
  start: number,
  places: Int32Array,
): void {
  for (let index = 0; index < row.length; index++)
    packed[start + (places[index] as number)] = Math.round((row[index] as number) / unit);
}

function packFloats(
  row: Float32Array,
  unit: number,
  packed: Float32Array,
  start: number,
  places: Int32Array,
): void {
  for (let index = 0; index < row.length; index++)
    packed[start + (places[index] as number)] = (row[index] as number) / unit;
}

function scalesOf(layer: ConvLayer, weights: ConvWeights, maps: ConvMaps): Scales {
  const { input, output } = maps;
  if (input.format.name === 'f32') {
    const unit = Array<number>(output.channels).fill(output.unit);
    return { weight: unit, bias: unit, half: 0, shift: 0 };
  }
  const channels = channelsOf(layer, weights);
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

function channelsOf({ filterShape }: ConvLayer, { filters, bias }: ConvWeights): Channel[] {
  const [count, ...sizes] = filterShape as [number, ...number[]];
  const weights = sizes.reduce((product, size) => product * size, 1);
  const scratch = new Float32Array(weights);
  return Array.from({ length: count }, (_, channel) => {
    const row = rowOf(filters, channel, scratch);
    return { weights, ...sizeOf(row), bias: Math.abs(bias?.[channel] ?? 0) };
  });
}

/** The largest and the sum of the weights' sizes. */
function sizeOf(row: Float32Array): { largest: number; sum: number } {
  let largest = 0;
  let sum = 0;
  for (let index = 0; index < row.length; index++) {
    const size = Math.abs(row[index] as number);
    largest = Math.max(largest, size);
    sum += size;
  }
  return { largest, sum };
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

/** How a block of output channels lies in memory. */
interface Block {
  /** Channels in it. */
  readonly size: number;
  /** Values in it. */
  readonly length: number;
  /**
   * Where the values of a channel's filters go, in their order, if the channel is the block's first;
   * the next channel's follow by a word.
   */
  readonly places: Int32Array;
}

const blockOf = (layer: ConvLayer, { input, output }: ConvMaps): Block =>
  layer.depthwise ? depthwiseBlock(layer, input) : convBlock(layer, input, output);

/** Rows, words of a row, channels, values of a word. */
function convBlock(
  { filterShape, kernel: [rows, columns] }: ConvLayer,
  { format, stored }: Storage,
  output: Storage,
): Block {
  const channelsIn = filterShape[1] as number;
  const size = blockChannels(output.stored);
  const rowLength = wordsOfRun({ format, channels: stored }, columns) * format.group * size;
  const places = new Int32Array(channelsIn * rows * columns);
  let index = 0;
  for (let channel = 0; channel < channelsIn; channel++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const value = column * stored + channel;
        const inWord = value % format.group;
        places[index++] = row * rowLength + (value - inWord) * size + inWord;
      }
  return { size, length: rows * rowLength, places };
}

/** Words of a column, columns, channels, rows of a word. */
function depthwiseBlock({ kernel: [rows, columns] }: ConvLayer, { format }: Storage): Block {
  const { group } = format;
  const size = depthwiseChannels(format);
  const places = new Int32Array(rows * columns);
  let index = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const word = Math.floor(row / group) * columns + column;
      places[index++] = word * size * group + (row % group);
    }
  return { size, length: wordsOfColumn(format, rows) * columns * size * group, places };
}
