import { depthwiseChannels } from '../../../wasm/depthwise.ts';
import type { Format, Instructions } from '../../../wasm/formats.ts';
import type { Layers } from './layers.ts';

/** How a map's values are stored: a stored q stands for q · unit. */
export interface Storage {
  readonly format: Format;
  readonly unit: number;
  /** Channels of the network. */
  readonly channels: number;
  /** Channels in memory: a multiple of what kernels compute at once; the additional ones are zero. */
  readonly stored: number;
}

/** Channels that a picture's pixel has in memory. */
const inputChannels = 4;

/**
 * Chooses how every map is stored. Integers are for maps whose values have limits, which then
 * are known before the network runs; what else there is stays float32.
 *
 * @param integers the integer format to use, or undefined for float32 throughout
 */
export function chooseStorage(
  { input, layers, outputs }: Layers,
  isa: Instructions,
  integers: Format | undefined,
): Map<string, Storage> {
  const maps = new Map<string, Storage>();
  const readOut = new Set([...outputs.values()].flatMap((readout) => readout.maps));
  const float = (channels: number, stored: number): Storage => ({
    format: isa.f32,
    unit: 1,
    channels,
    stored,
  });
  maps.set(input.value, float(input.offsets.length, inputChannels));

  for (const layer of layers) {
    const source = maps.get(layer.op === 'sum' ? (layer.inputs[0] as string) : layer.input);
    if (!source) throw new RangeError(`${layer.output}: the layer's input is made by no layer before it`);
    const channels =
      layer.op === 'conv'
        ? (layer.filters.shape[0] as number)
        : source.channels + (layer.op === 'pad' ? layer.by[0] : 0);
    const stored = layer.op === 'pool' ? source.stored : roundUp(channels, 8);
    const limited = layer.op === 'conv' && layer.low === 0 && layer.high < Infinity;
    if (integers && limited && !readOut.has(layer.output) && stored % depthwiseChannels(integers) === 0) {
      maps.set(layer.output, { format: integers, unit: layer.high / integers.largest, channels, stored });
    } else maps.set(layer.output, float(channels, stored));
  }
  return maps;
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
