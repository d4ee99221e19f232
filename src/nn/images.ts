import { type ImageRows, planarRows } from '../image/image-rows.ts';
import type { Tensor } from './network.ts';

/** Images for a network in place of their tensor: each is written where the network reads it, a row at a time. */
export interface Images {
  /** That of the tensor: N×3×H×W or N×H×W×3. */
  readonly shape: readonly number[];
  readonly layout: 'NCHW' | 'NHWC';
  /** Writes the image at an index, all its rows, in values that the network wants. */
  readonly write: (index: number, rows: ImageRows) => void;
}

/** The tensor of images, in memory of its own. */
export function tensorOf(input: Tensor | Images): Tensor {
  if (!('write' in input)) return input;
  const { shape, layout } = input;
  const [count, ...sizes] = shape as [number, number, number, number];
  const length = sizes.reduce((product, size) => product * size, 1);
  const width = sizes[layout === 'NCHW' ? 2 : 1]!;
  const data = new Float32Array(count * length);
  for (let index = 0; index < count; index++) {
    const values = data.subarray(index * length, (index + 1) * length);
    input.write(index, layout === 'NCHW' ? planarRows(values, width) : pixelRows(values, width));
  }
  return { data, shape };
}

/** Rows that become the pixels of an image. */
function pixelRows(pixels: Float32Array, width: number): ImageRows {
  const row = new Float32Array(3 * width);
  let to = 0;
  return {
    row,
    next() {
      for (let x = 0; x < width; x++)
        for (let colour = 0; colour < 3; colour++) pixels[to++] = row[colour * width + x]!;
    },
  };
}
