/** One number for all channels of an image, or one for each, in the order of the network's input. */
export type PerChannel = number | readonly [number, number, number];

/** The form of the input of a network that looks at an image. */
export interface ImageInput {
  /** Name of the network's input. */
  readonly name: string;
  /** Planes one after the other, or pixels. */
  readonly layout: 'NCHW' | 'NHWC';
  readonly order: 'RGB' | 'BGR';
  /** A value v from 0 to 255 becomes (v - mean) · scale. */
  readonly mean: PerChannel;
  readonly scale: PerChannel;
  readonly size: InputSize;
}

/** One size in pixels, or any whose sides are multiples of a number. */
export type InputSize = { readonly width: number; readonly height: number } | { readonly multipleOf: number };

/**
 * Turns RGB planes with values of 0 to 255 into the values of a network's input.
 *
 * @param planes 3 × pixels values; they may be changed in place and be the answer
 */
export function normaliseImage(
  planes: Float32Array,
  { layout, order, mean, scale }: Pick<ImageInput, 'layout' | 'order' | 'mean' | 'scale'>,
): Float32Array {
  const pixels = planes.length / 3;
  if (order === 'BGR') swap(planes.subarray(0, pixels), planes.subarray(2 * pixels));
  for (let channel = 0; channel < 3; channel++) {
    const shift = channelOf(mean, channel);
    const factor = channelOf(scale, channel);
    if (shift === 0 && factor === 1) continue;
    for (let at = channel * pixels, end = at + pixels; at < end; at++) {
      planes[at] = (planes[at]! - shift) * factor;
    }
  }
  return layout === 'NCHW' ? planes : interleave(planes, pixels);
}

function channelOf(values: PerChannel, channel: number): number {
  return typeof values === 'number' ? values : values[channel]!;
}

function swap(first: Float32Array, second: Float32Array): void {
  const kept = first.slice();
  first.set(second);
  second.set(kept);
}

function interleave(planes: Float32Array, pixels: number): Float32Array {
  const values = new Float32Array(planes.length);
  for (let pixel = 0, to = 0; pixel < pixels; pixel++) {
    values[to++] = planes[pixel]!;
    values[to++] = planes[pixel + pixels]!;
    values[to++] = planes[pixel + 2 * pixels]!;
  }
  return values;
}
