import { blockChannels, wordsOfRun } from '../../../wasm/conv.ts';
import { depthwiseChannels, wordsOfWindow } from '../../../wasm/depthwise.ts';
import { type Finish, numbersInTable } from '../../../wasm/finish.ts';
import { mostNear } from '../../../wasm/formats.ts';
import { expand } from '../compact.ts';
import { align } from './arena.ts';
import type { ConvLayer, ConvWeights } from './layers.ts';
import type { KernelMemory } from './memory.ts';
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
    table: maps.output.stored * 4 * numbersInTable(format, { shift: 0, prelu: layer.prelu }),
  };
}

/** The scales of stored numbers, by output channel. */
interface Scales {
  /** True where sums are integers. */
  readonly whole: boolean;
  readonly weight: readonly number[];
  readonly bias: readonly number[];
  /** The factor of each channel's sums on their way to memory; absent where it is 1 for all. */
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
 * @param to addresses of zeros, as many as {@link packedBytes} says: are written
 * @returns the bits by which sums are shifted, and whether all that they come to is near: see `wasm/finish.ts`
 */
export function packWeights(
  layer: ConvLayer,
  { filters, bias, slopes }: ConvWeights,
  maps: ConvMaps,
  memory: KernelMemory,
  to: { readonly weights: number; readonly table: number },
): Required<Pick<Finish, 'shift' | 'near'>> {
  const { format } = maps.input;
  const block = blockOf(layer, maps);
  const rows = layer.filterShape[0]!;
  const length = block.places.length;
  const end = to.weights + packedBytes(layer, maps).weights;
  const scratch = scratchFor(memory, rows, length, end);
  expand(filters, new Float32Array(memory.buffer, scratch.values, rows * length));
  const scales = scalesOf(layer, maps, () => weigh(scratch, memory, bias));
  const targets = Array.from({ length: rows }, (_, channel) => {
    const inBlock = channel % block.size;
    return ((channel - inBlock) / block.size) * block.length + inBlock * format.group;
  });
  const pack = format.name === 'i16' ? packIntegers : packFloats;
  pack(scratch, block.places, targets, scales.weight, to.weights, memory);
  writeTable(layer, { bias, slopes }, scales, rows, block.size, to.table, memory.buffer);
  const steepest = Math.max(1, ...(slopes ?? []).map(Math.abs));
  const near = 2 ** 31 * steepest * Math.max(...(scales.factor ?? [Infinity])) < mostNear;
  return { shift: scales.shift, near };
}

/** Where the bias of a channel is in a table of so many numbers, in values behind the first one's. */
const biasPlace = (channel: number, size: number, numbers: number): number =>
  channel + (numbers - 1) * (channel - (channel % size));

/** The integer that the sums of each channel start from, as {@link packWeights} has written it. */
export function packedBias(
  { filterShape, prelu }: ConvLayer,
  { input, output }: ConvMaps,
  memory: KernelMemory,
  { table, shift }: { readonly table: number; readonly shift: number },
): number[] {
  const numbers = numbersInTable(input.format, { shift, prelu });
  const values = new Int32Array(memory.buffer, table);
  const size = blockChannels(output.stored);
  return Array.from({ length: filterShape[0]! }, (_, channel) => values[biasPlace(channel, size, numbers)]!);
}

/** Where the rows of filters of a layer are while they are packed. */
interface Scratch {
  readonly rows: number;
  readonly length: number;
  /** Addresses of their float32 values, of 16 bytes for each row, and of four for each value of one. */
  readonly values: number;
  readonly records: number;
  readonly places: number;
}

function scratchFor(memory: KernelMemory, rows: number, length: number, behind: number): Scratch {
  const records = align(rows * length * 4);
  const places = records + rows * 16;
  const start = memory.scratch(places + length * 4, behind);
  return { rows, length, values: start, records: start + records, places: start + places };
}

/** The facts about an output channel that decide how finely its weights can be stored. */
interface Channel {
  readonly weights: number;
  readonly largest: number;
  readonly sum: number;
  readonly bias: number;
}

function weigh(
  { values, records, length, rows }: Scratch,
  memory: KernelMemory,
  bias: ConvWeights['bias'],
): Channel[] {
  memory.weighRows(values, records, length, rows);
  const sizes = new Float64Array(memory.buffer, records, 2 * rows);
  return Array.from({ length: rows }, (_, channel) => ({
    weights: length,
    largest: sizes[2 * channel]!,
    sum: sizes[2 * channel + 1]!,
    bias: Math.abs(bias?.[channel] ?? 0),
  }));
}

/**
 * Writes rows of filters in units.
 *
 * @param places where the values of a row go, counted from its target
 * @param targets of the rows, counted in values from the address `to`
 */
type PackRows = (
  scratch: Scratch,
  places: Int32Array,
  targets: readonly number[],
  units: readonly number[],
  to: number,
  memory: KernelMemory,
) => void;

const packIntegers: PackRows = (
  { values, records, places: at, length, rows },
  places,
  targets,
  units,
  to,
  memory,
) => {
  new Int32Array(memory.buffer, at, length).set(places.map((place) => 2 * place));
  const view = new DataView(memory.buffer, records, rows * 16);
  targets.forEach((target, row) => {
    view.setFloat64(16 * row, units[row]!, true);
    view.setInt32(16 * row + 8, to + 2 * target, true);
  });
  memory.packRows(values, records, at, length, rows);
};

const packFloats: PackRows = ({ values, length, rows }, places, targets, units, to, memory) => {
  const row = new Float32Array(memory.buffer, values, rows * length);
  const packed = new Float32Array(memory.buffer, to);
  targets.forEach((target, channel) => {
    for (let index = 0; index < length; index++)
      packed[target + places[index]!] = row[channel * length + index]! / units[channel]!;
  });
};

function writeTable(
  { residual }: ConvLayer,
  { bias, slopes }: { bias: ConvWeights['bias']; slopes: ConvWeights['slopes'] },
  scales: Scales,
  channels: number,
  size: number,
  to: number,
  buffer: ArrayBuffer,
): void {
  const [sums, floats] = [new Int32Array(buffer, to), new Float32Array(buffer, to)];
  const numbers = slopes ? 3 : scales.factor ? 2 : 1;
  for (let channel = 0; channel < channels; channel++) {
    const place = biasPlace(channel, size, numbers);
    const value = (bias?.[channel] ?? 0) / scales.bias[channel]!;
    if (scales.whole) sums[place] = Math.round(value) + scales.half;
    else floats[place] = value;
    const factor = scales.factor?.[channel] ?? 1;
    if (numbers > 1) floats[place + size] = factor;
    if (slopes) {
      const positive = residual ? 1 : factor;
      sums[place + 2 * size] = bitsOf(positive) ^ bitsOf(positive * slopes[channel]!);
    }
  }
}

/** The bits of a number as float32. */
const bitsOf = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0]!;

function scalesOf({ prelu }: ConvLayer, maps: ConvMaps, channelsOf: () => readonly Channel[]): Scales {
  const { input, output } = maps;
  if (input.format.name === 'f32') {
    const unit = Array<number>(output.channels).fill(output.unit);
    return { whole: false, weight: unit, bias: unit, half: 0, shift: 0 };
  }
  const channels = channelsOf();
  const shift = output.format.name === 'i16' && !prelu ? shiftOf(channels, maps) : 0;
  return isFine(shift, channels, maps) ? scalesForShift(shift, maps) : scalesForFactors(channels, maps);
}

const largestValue = ({ low, high }: Storage): number => Math.max(-low, high);

/** The largest sum that 32 bits can hold, where each weight's rounding may add half a unit. */
const roomOf = ({ weights }: Channel, input: Storage): number =>
  2 ** 31 - 1 - (weights / 2) * largestValue(input);

/** Each channel's weights are as fine as 16 bits and the 32 bits of its sum allow; its sums take a factor. */
function scalesForFactors(channels: readonly Channel[], { input, output }: ConvMaps): Scales {
  const weight = channels.map((channel) => {
    const most = channel.sum * largestValue(input) + channel.bias / input.unit;
    return Math.max(channel.largest / largestWord, most / roomOf(channel, input)) || 1;
  });
  const bias = weight.map((unit) => unit * input.unit);
  return { whole: true, weight, bias, factor: bias.map((unit) => unit / output.unit), half: 0, shift: 0 };
}

/**
 * All channels' weights are finer than the output by the same power of two, so that a shift brings
 * sums to it: less work than a factor, but no finer than the channel with the largest sum allows.
 */
function scalesForShift(shift: number, { input, output }: ConvMaps): Scales {
  const unit = output.unit / 2 ** shift;
  const alike = (value: number) => Array<number>(output.channels).fill(value);
  return { whole: true, weight: alike(unit / input.unit), bias: alike(unit), half: 2 ** (shift - 1), shift };
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

/** True where rounding weights by a shift costs little beside rounding maps. */
function isFine(shift: number, [channel]: readonly Channel[], { input, output }: ConvMaps): boolean {
  const { weights } = channel!;
  const error = (Math.sqrt(weights) * largestValue(input)) / largestValue(output);
  return shift > 0 && error < 2 ** (shift - 9);
}

/** The layout of a block of output channels in memory. */
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
  { filterShape, window: [rows, columns] }: ConvLayer,
  { format, stored }: Storage,
  output: Storage,
): Block {
  const channelsIn = filterShape[1]!;
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

/** Words of a window, channels, values of a word: see {@link wordsOfWindow}. */
function depthwiseBlock({ window }: ConvLayer, { format }: Storage): Block {
  const [rows, columns] = window;
  const { group } = format;
  const size = depthwiseChannels(format);
  const leftOver = rows - (rows % group);
  const places = new Int32Array(rows * columns);
  let index = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const inWord = (row < leftOver ? row : column) % group;
      const word =
        row < leftOver
          ? Math.floor(row / group) * columns + column
          : (leftOver / group) * columns + Math.floor(column / group);
      places[index++] = word * size * group + inWord;
    }
  return { size, length: wordsOfWindow(format, window) * size * group, places };
}
