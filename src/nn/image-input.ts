import { coloursOf, type ImageRows } from '../image/image-rows.ts';

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
 * Rows of an RGB image with values of 0 to 255 that become those of a network's input.
 *
 * @param rows take the input's values
 */
export function normalisedRows(
  rows: ImageRows,
  { order, mean, scale }: Pick<ImageInput, 'order' | 'mean' | 'scale'>,
): ImageRows {
  if (order === 'RGB' && mean === 0 && scale === 1) return rows;
  const row = new Float32Array(rows.row.length);
  const colours = coloursOf(row);
  if (order === 'BGR') colours.reverse();
  const channels = coloursOf(rows.row);
  return {
    row,
    next() {
      for (let channel = 0; channel < 3; channel++)
        normalise(colours[channel]!, channels[channel]!, channelOf(mean, channel), channelOf(scale, channel));
      rows.next();
    },
  };
}

function normalise(colour: Float32Array, channel: Float32Array, mean: number, scale: number): void {
  for (let x = 0; x < colour.length; x++) channel[x] = (colour[x]! - mean) * scale;
}

function channelOf(values: PerChannel, channel: number): number {
  return typeof values === 'number' ? values : values[channel]!;
}
