import { readFile } from 'node:fs/promises';
import jpeg from 'jpeg-js';
import type { Tensor } from '../../src/nn/network.ts';

const folder = new URL('../../node_modules/@vladmandic/face-api/demo/', import.meta.url);

/** Centres of faces in the sample photographs, in pixels; the faces are about 180 by 250. */
export const faces = [
  { photograph: 'sample1.jpg', x: 501, y: 474 },
  { photograph: 'sample4.jpg', x: 757, y: 181 },
  { photograph: 'sample6.jpg', x: 354, y: 612 },
] as const;

/**
 * Every second pixel of a square of a photograph, NHWC, RGB, 0 to 255.
 *
 * @param x,y the square's centre, which moves where the square would reach out of the photograph
 * @param side of the answer
 */
export async function pixelsAround(name: string, x: number, y: number, side: number): Promise<Tensor> {
  const { width, height, data } = jpeg.decode(await readFile(new URL(name, folder)), { useTArray: true });
  const left = Math.min(Math.max(x - side, 0), width - 2 * side);
  const top = Math.min(Math.max(y - side, 0), height - 2 * side);
  const values = new Float32Array(side * side * 3);
  let target = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const source = 4 * ((top + 2 * row) * width + left + 2 * column);
      for (let channel = 0; channel < 3; channel++) values[target++] = data[source + channel]!;
    }
  }
  return { shape: [1, side, side, 3], data: values };
}

/** Several tensors of one shape as one batch. */
export function stack(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first) throw new RangeError('nothing to stack');
  const data = new Float32Array(first.data.length * tensors.length);
  tensors.forEach((tensor, index) => {
    data.set(tensor.data, index * first.data.length);
  });
  return { shape: [tensors.length, ...first.shape.slice(1)], data };
}
