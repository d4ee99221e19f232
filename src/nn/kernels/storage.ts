import type { Format, Instructions } from '../../../wasm/formats.ts';
import type { Range } from '../graph.ts';
import type { Layers } from './layers.ts';

/** How a map's values are stored: a stored q stands for q · unit. */
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

/** Channels that a picture's pixel has in memory. */
const inputChannels = 4;

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
  const store = (range: Range | undefined, format: Format | undefined, channels: number, stored: number) =>
    range && format ? integer(format, range, channels, stored) : float32(isa.f32, channels, stored);

  maps.set(input.value, store(ranges.get(input.value), integers, input.offsets.length, inputChannels));
  for (const layer of layers) {
    const source = maps.get(layer.op === 'sum' ? (layer.inputs[0] as string) : layer.input);
    if (!source) throw new RangeError(`${layer.output}: the layer's input is made by no layer before it`);
    const channels =
      layer.op === 'conv'
        ? (layer.filters.shape[0] as number)
        : source.channels + (layer.op === 'pad' ? layer.by[0] : 0);
    const limited = layer.op === 'conv' && layer.low === 0 && layer.high < Infinity;
    const limits = limited && !readOut.has(layer.output) ? { low: 0, high: layer.high } : undefined;
    const known: Range | undefined = ranges.get(layer.output) ?? limits;
    const stored = layer.op === 'pool' ? source.stored : roundUp(channels, known ? 16 : 8);
    maps.set(layer.output, store(known, integers, channels, stored));
  }
  return maps;
}

const float32 = (format: Format, channels: number, stored: number): Storage => ({
  format,
  unit: 1,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  channels,
  stored,
});

/**
 * By how much values may leave a measured range where bits are not scarce. On 390 video frames TAR at
 * FAR 1% is 0.893 with it and 0.880 with 1.5 (float32: 0.887): what is cut off costs more than two bits.
 */
const headroom = 4;

/** The range always holds 0, which a border and missing channels are. */
function integer(format: Format, { low, high }: Range, channels: number, stored: number): Storage {
  const { largest } = format;
  const unit = (headroom * Math.max(-low, high)) / largest || 1;
  return { format, unit, low: low < 0 ? -largest : 0, high: largest, channels, stored };
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
