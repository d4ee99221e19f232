import { type Canvas, createCanvas } from '../image/canvas.ts';

/** One number for all channels of an image, or one for each, in the order of the network's input. */
export type PerChannel = number | readonly [number, number, number];

/** The values that a network wants of an image. */
export interface ImageValues {
  readonly order: 'RGB' | 'BGR';
  /** A value v from 0 to 255 becomes (v - mean) · scale. */
  readonly mean: PerChannel;
  readonly scale: PerChannel;
}

/** Values that nothing is done to. */
export const asTheyAre: ImageValues = { order: 'RGB', mean: 0, scale: 1 };

/** The form of the input of a network that looks at an image. */
export interface ImageInput extends ImageValues {
  /** Name of the network's input. */
  readonly name: string;
  /** Planes one after the other, or pixels. */
  readonly layout: 'NCHW' | 'NHWC';
  readonly size: InputSize;
}

/** One size in pixels, or any whose sides are multiples of a number. */
export type InputSize = { readonly width: number; readonly height: number } | { readonly multipleOf: number };

/**
 * A canvas for an RGB image with values of 0 to 255.
 *
 * @param canvas takes the values that a network wants
 */
export function normalised(canvas: Canvas, { order, mean, scale }: ImageValues): Canvas {
  if (order === 'RGB' && mean === 0 && scale === 1) return canvas;
  const [means, scales] = [ofChannels(mean), ofChannels(scale)];
  return createCanvas(canvas, (box, pixels) => {
    const values = new Float32Array(pixels.length);
    for (let channel = 0; channel < 3; channel++) {
      const colour = order === 'RGB' ? channel : 2 - channel;
      for (let at = 0; at < pixels.length; at += 3)
        values[at + channel] = (pixels[at + colour]! - means[channel]!) * scales[channel]!;
    }
    canvas.put(box, values);
  });
}

/** A number for each channel. */
export const ofChannels = (values: PerChannel): readonly number[] =>
  typeof values === 'number' ? [values, values, values] : values;
