import { expect, test } from 'vitest';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { instanceLookingAt, photograph } from '../face/photographs.ts';

test('a request for boxes alone has the same ones, and spares the alignment', async () => {
  const picture = rasterPicture(await photograph('sample1.jpg'));
  const instance = instanceLookingAt(() => picture);
  const [boxes, described] = await instance.locate(
    new Uint8Array(),
    [{}, { attributes: ['embedding'] }],
    () => {},
  );
  await instance.close();
  if (!boxes?.ok || !described?.ok) throw new Error('expected two answers');

  expect(boxes.value.faces).toHaveLength(3);
  expect(boxes.value.faces).toEqual(
    described.value.faces.map(({ box, confidence }) => ({ box, confidence })),
  );
  expect(boxes.value.timings.align).toBeUndefined();
  expect(described.value.timings.align).toBeGreaterThan(0);
});
