import type { Tensor } from '../network.ts';
import type { Readout } from './layers.ts';
import type { Place } from './plan.ts';

/**
 * Writes one picture of planes (C×H×W) into its map, channels innermost.
 *
 * @param memory all of the kernels' memory
 * @param unit what a stored 1 stands for
 * @param offsets what is added to each channel
 */
export function writePicture(
  memory: ArrayBuffer,
  { shape: [channels, height, width], plane, address }: Place,
  unit: number,
  picture: Float32Array,
  offsets: readonly number[],
): void {
  const { bytes, largest } = plane.format;
  const integers = plane.format.name !== 'f32';
  const target = integers ? new Int16Array(memory) : new Float32Array(memory);
  for (let channel = 0; channel < plane.channels; channel++) {
    const offset = offsets[channel] ?? 0;
    const step = plane.channels;
    let source = channel * height * width;
    for (let y = 0; y < height; y++) {
      let index = (address + y * plane.rowBytes) / bytes + channel;
      const end = index + width * step;
      if (channel >= channels) for (; index < end; index += step) target[index] = 0;
      else if (!integers)
        for (; index < end; index += step) target[index] = (picture[source++] as number) + offset;
      else
        for (; index < end; index += step) {
          const value = Math.round(((picture[source++] as number) + offset) / unit);
          target[index] = Math.max(-largest, Math.min(largest, value));
        }
    }
  }
}

/** Values in a readout for one picture. */
export const readoutLength = ({ maps }: Readout, places: ReadonlyMap<string, Place>): number =>
  maps.reduce((sum, name) => sum + product((places.get(name) as Place).shape), 0);

/** Shape of a readout of a batch. */
export function readoutShape(
  { maps, shape, channelsLast }: Readout,
  places: ReadonlyMap<string, Place>,
  batch: number,
  length: number,
): number[] {
  const [channels, height, width] = (places.get(maps[0] as string) as Place).shape;
  if (!shape) return channelsLast ? [batch, height, width, channels] : [batch, channels, height, width];
  const known = product(shape.filter((size) => size >= 0));
  return [batch, ...shape.map((size) => (size < 0 ? length / known : size))];
}

/** Copies one picture's maps, one after the other, to `offset` of an output. */
export function readMaps(
  memory: Float32Array,
  { maps, channelsLast, sigmoid }: Readout,
  places: ReadonlyMap<string, Place>,
  output: Tensor['data'],
  offset: number,
): void {
  const start = offset;
  let end = offset;
  for (const name of maps) {
    const { shape, plane, address } = places.get(name) as Place;
    const [channels, height, width] = shape;
    const pixelStep = channelsLast ? channels : 1;
    const channelStep = channelsLast ? 1 : height * width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const source = (address + y * plane.rowBytes + x * plane.pixelBytes) / 4;
        const target = end + (y * width + x) * pixelStep;
        for (let channel = 0; channel < channels; channel++)
          output[target + channel * channelStep] = memory[source + channel] as number;
      }
    }
    end += product(shape);
  }
  if (!sigmoid) return;
  for (let index = start; index < end; index++)
    output[index] = 1 / (1 + Math.exp(-(output[index] as number)));
}

const product = (sizes: readonly number[]): number => sizes.reduce((result, size) => result * size, 1);
