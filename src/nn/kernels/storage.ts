import type { Format, Instructions } from '../../../wasm/formats.ts';
import { roundUp } from '../../../wasm/plane.ts';
import type { Range } from '../graph.ts';
import { type ConvLayer, inputsOf, type Layer, type Layers } from './layers.ts';

/** The storage of a map's values: a stored q stands for q · unit. */
export interface Storage {
  readonly format: Format;
  readonly unit: number;
  /** Least and largest stored value. */
  readonly low: number;
  readonly high: number;
  /** Channels of the network. */
  readonly channels: number;
  /** Channels in memory: a multiple of what kernels compute at once. */
  readonly stored: number;
}

/**
 * Chooses how every map is stored: as integers where its range is known (it was measured, or the
 * activation sets it and the map is no output), else as float32.
 *
 * @param ranges least and largest value of maps, by name
 * @param integers the format for them, or undefined for float32 throughout
 */
export function chooseStorage(
  network: Layers,
  ranges: ReadonlyMap<string, Range>,
  isa: Instructions,
  integers: Format | undefined,
): Map<string, Storage> {
  const { input, layers, outputs } = network;
  const maps = new Map<string, Storage>();
  const readOut = new Set([...outputs.values()].flatMap((readout) => readout.maps));
  const bits = bitsOf(layers);
  const store = (name: string, range: Range | undefined, channels: number, stored: number) =>
    range && integers
      ? integer(integers, bits.get(name) ?? mostBits, range, channels, stored)
      : float32(isa.f32, channels, stored);

  const pictured = input.offsets.length;
  const asRuns = layers.every(
    (layer) => !inputsOf(layer).includes(input.value) || (layer.op === 'conv' && readsRuns(layer)),
  );
  maps.set(
    input.value,
    // Convolutions take a row of pixels as one run, the other kernels eight channels at once.
    store(input.value, ranges.get(input.value), pictured, asRuns ? pictured : roundUp(pictured, 8)),
  );
  for (const layer of layers) {
    const source = maps.get(layer.op === 'sum' ? layer.inputs[0]! : layer.input);
    if (!source) throw new RangeError(`${layer.output}: the layer's input is made by no layer before it`);
    const channels =
      layer.op === 'conv' ? layer.filterShape[0]! : source.channels + (layer.op === 'pad' ? layer.by[0] : 0);
    const limited = layer.op === 'conv' && layer.low === 0 && layer.high < Infinity;
    const residual = layer.op === 'conv' && layer.residual ? maps.get(layer.residual) : undefined;
    const measured = widened(ranges.get(layer.output), limited ? layer.high : Infinity);
    const known =
      measured ?? (limited && !readOut.has(layer.output) ? { low: 0, high: layer.high } : undefined);
    const isWhole = known && (!residual || residual.format.name === 'i16');
    const stored = layer.op === 'pool' ? source.stored : roundUp(channels, 8);
    const storage = store(layer.output, isWhole ? known : undefined, channels, stored);
    // A summand is never finer than the map that it is added to: see `Finish` in wasm/finish.ts.
    maps.set(layer.output, {
      ...storage,
      unit: Math.max(storage.unit, isWhole && residual ? residual.unit : 0),
    });
  }
  return maps;
}

/** True where a convolution reads a row of its window as one run of words, whatever the number of channels. */
const readsRuns = ({ depthwise, dilation }: ConvLayer): boolean =>
  !depthwise && dilation.every((step) => step === 1);

const float32 = (format: Format, channels: number, stored: number): Storage => ({
  format,
  unit: 1,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  channels,
  stored,
});

/** Most bits of a stored value, beside its sign. */
const mostBits = 15;

/**
 * Bits of the values of maps that plain convolutions read. Values and the weights of a channel share
 * the 31 bits of its sum: K weights that are all alike have 31 - bits - log2(K) bits each. Rounding
 * weights and rounding values, most of which are below a 32nd of what a map can hold, then cost alike.
 */
function bitsOf(layers: readonly Layer[]): Map<string, number> {
  const bits = new Map<string, number>();
  for (const layer of layers) {
    if (layer.op !== 'conv' || layer.depthwise) continue;
    const weights = layer.filterShape.slice(1).reduce((product, size) => product * size, 1);
    const fair = Math.round((31 + 5 - Math.log2(weights)) / 2);
    bits.set(layer.input, Math.min(bits.get(layer.input) ?? mostBits, fair));
  }
  return bits;
}

/**
 * By how much values may leave a measured range: on twelve pictures of the benchmark no map left what
 * three others had shown by more than 1.54 times; the rest is for pictures that are less alike. With 2
 * and with 3 the scan loses a face of 30 pixels that it finds with 4 and in float32.
 */
const headroom = 4;

/** The range that a map is stored with: the measured one with headroom, up to the activation's `limit`. */
const widened = (range: Range | undefined, limit: number): Range | undefined =>
  range && { low: headroom * range.low, high: Math.min(limit, headroom * range.high) };

/** The range always holds 0, which a border and missing channels are. */
function integer(format: Format, bits: number, range: Range, channels: number, stored: number): Storage {
  const steps = 2 ** bits;
  const unit = Math.max(-range.low, range.high) / (steps - 1) || 1;
  return { format, unit, low: range.low < 0 ? -steps : 0, high: steps - 1, channels, stored };
}
