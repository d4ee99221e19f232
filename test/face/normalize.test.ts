import { expect, test } from 'vitest';
import { embeddedPack } from '../../models/catalog.ts';
import type { Detection } from '../../src/detect/detector.ts';
import { fivePoints, landmarksInPicture } from '../../src/face/landmarks.ts';
import { normalize } from '../../src/face/normalize.ts';
import { pictureToChip } from '../../src/face/template.ts';
import { type Affine, type Box, transform } from '../../src/image/geometry.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { createKernelBackend } from '../../src/nn/kernels/backend.ts';
import { onnxBackend, readAsset } from '../models/assets.ts';
import { instanceLookingAt, photograph } from './photographs.ts';

/** By how much boxes of a detector differ from those of another: shares of their sides. */
const shifts = [-0.08, 0.08].flatMap((x) => [-0.08, 0.08].map((y) => ({ x, y })));

test('chips hardly depend on where exactly a box was drawn: the second look takes most of that away', async () => {
  const picture = rasterPicture(await photograph('sample5.jpg'));
  const instance = instanceLookingAt(() => picture);
  const [outcome] = await instance.locate(new Uint8Array(), [{}], () => {});
  await instance.close();
  if (!outcome?.ok) throw outcome?.error;
  const boxes = outcome.value.faces.map(({ box }) => box);
  expect(boxes).toHaveLength(5);

  const backend = createKernelBackend(await onnxBackend());
  const network = await backend.load(await embeddedPack('face-landmark-68').build(readAsset));
  const twice = async (drawn: readonly Box[]) =>
    (await normalize(network, picture, drawn.map(detected))).map(({ toChip }) => toChip);
  const once = async (drawn: readonly Box[]) =>
    (await landmarksInPicture(network, picture, drawn)).map((points) => pictureToChip(fivePoints(points)));

  const [byTwo, byOne] = [await unsteadiness(twice, boxes), await unsteadiness(once, boxes)];
  await network.close();
  expect(byTwo).toBeLessThan(0.5 * byOne);
});

const detected = (box: Box): Detection => ({ box, confidence: 1 });

/** How far faces move in their chips when boxes are drawn elsewhere: mean distance in chip pixels. */
async function unsteadiness(
  align: (boxes: readonly Box[]) => Promise<readonly Affine[]>,
  boxes: readonly Box[],
): Promise<number> {
  const usual = await align(boxes);
  const places = [0.25, 0.75].flatMap((x) => [0.25, 0.75].map((y) => ({ x, y })));
  let sum = 0;
  for (const shift of shifts) {
    const moved = await align(boxes.map((box) => shifted(box, shift)));
    moved.forEach((toChip, index) => {
      const box = boxes[index] as Box;
      for (const { x, y } of places) {
        const point = {
          x: box.left + x * (box.right - box.left),
          y: box.top + y * (box.bottom - box.top),
        };
        const [before, after] = [transform(usual[index] as Affine, point), transform(toChip, point)];
        sum += Math.hypot(after.x - before.x, after.y - before.y);
      }
    });
  }
  return sum / (shifts.length * boxes.length * places.length);
}

function shifted({ left, top, right, bottom }: Box, { x, y }: { x: number; y: number }): Box {
  const [dx, dy] = [x * (right - left), y * (bottom - top)];
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
}
