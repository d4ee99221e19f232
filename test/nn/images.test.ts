import { expect, it } from 'vitest';
import { type ImageInput, normalisedRows } from '../../src/nn/image-input.ts';
import { tensorOf } from '../../src/nn/images.ts';

/** Two pixels of an image of one row: (1, 2, 3) and (4, 5, 6), as an input wants them. */
const valuesFor = (input: Pick<ImageInput, 'layout' | 'order' | 'mean' | 'scale'>) =>
  Array.from(
    tensorOf({
      shape: input.layout === 'NCHW' ? [1, 3, 1, 2] : [1, 1, 2, 3],
      layout: input.layout,
      write(_, rows) {
        const { row, next } = normalisedRows(rows, input);
        row.set([1, 4, 2, 5, 3, 6]);
        next();
      },
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
  expect(valuesFor(input)).toEqual(expected);
});
