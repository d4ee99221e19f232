import { type Canvas, canvasOn } from '../image/canvas.ts';
import { type ImageValues, normalised } from './image-input.ts';
import type { Tensor } from './network.ts';

/**
 * Images for a network in place of their tensor: each is drawn where the network reads it, in values of 0 to
 * 255, of which those that are wanted are made there, too.
 */
export interface Images {
  /** That of the tensor: N×3×H×W or N×H×W×3. */
  readonly shape: readonly number[];
  readonly layout: 'NCHW' | 'NHWC';
  readonly values: ImageValues;
  /** Draws all of the image at an index. */
  readonly draw: (index: number, canvas: Canvas) => void;
  /** True of an image that is the mirror image of the one before it, of which it can be made. */
  readonly mirrors?: ((index: number) => boolean) | undefined;
}

/** The tensor of images, in memory of its own. */
export function tensorOf(input: Tensor | Images): Tensor {
  if (!('draw' in input)) return input;
  const { shape, layout } = input;
  const [count, ...sizes] = shape as [number, number, number, number];
  const length = sizes.reduce((product, size) => product * size, 1);
  const [height, width] = (layout === 'NCHW' ? sizes.slice(1) : sizes) as [number, number];
  const data = new Float32Array(count * length);
  for (let index = 0; index < count; index++) {
    const image = data.subarray(index * length, (index + 1) * length);
    const canvas = canvasOn(image, { width, height }, layout === 'NCHW' ? 'planes' : 'pixels');
    input.draw(index, normalised(canvas, input.values));
  }
  return { data, shape };
}
