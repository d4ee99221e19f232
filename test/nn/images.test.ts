import { expect, it } from 'vitest';
import type { Canvas } from '../../src/image/canvas.ts';
import type { ImageInput } from '../../src/nn/image-input.ts';
import { tensorOf } from '../../src/nn/images.ts';

/** Two pixels of an image of one row: (1, 2, 3) and (4, 5, 6), as an input wants them. */
const valuesFor = (
  input: Pick<ImageInput, 'layout' | 'order' | 'mean' | 'scale'>,
  drawOn: (canvas: Canvas) => void,
) =>
  Array.from(
    tensorOf({
      shape: input.layout === 'NCHW' ? [1, 3, 1, 2] : [1, 1, 2, 3],
      layout: input.layout,
      values: input,
      draw: (_, canvas) => drawOn(canvas),
    }).data,
  );

it.each([
  ['planes', { layout: 'NCHW', order: 'RGB', mean: 0, scale: 1 }, [1, 4, 2, 5, 3, 6]],
  ['pixels', { layout: 'NHWC', order: 'RGB', mean: 0, scale: 1 }, [1, 2, 3, 4, 5, 6]],
  ['blue first', { layout: 'NHWC', order: 'BGR', mean: 0, scale: 1 }, [3, 2, 1, 6, 5, 4]],
  ['about a mean, scaled', { layout: 'NCHW', order: 'RGB', mean: 2, scale: 0.5 }, [-0.5, 1, 0, 1.5, 0.5, 2]],
  [
    'each channel in its own way, in the order of the input',
    { layout: 'NCHW', order: 'BGR', mean: [3, 2, 1], scale: [1, 2, 4] },
    [0, 3, 0, 6, 0, 12],
  ],
] as const)('an image becomes %s', (_, input, expected) => {
  const row = { left: 0, top: 0, right: 2, bottom: 1 };
  const raster = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  expect(valuesFor(input, (canvas) => canvas.put(row, Float32Array.from(raster.data)))).toEqual(expected);
  expect(valuesFor(input, ({ copy }) => copy(row, raster, 0, 0))).toEqual(expected);
});
