import { type Box, boxAround } from '../image/geometry.ts';
import type { DetectorFamilyName } from './detector.ts';
import { detectorFamilies } from './families.ts';

/** The box around a face, from brow to chin, that a family's own box means. */
export function outlineOf(family: DetectorFamilyName, box: Box): Box {
  const { outline } = detectorFamilies[family];
  if (!outline) return box;
  const height = box.bottom - box.top;
  return boxAround(
    (box.left + box.right) / 2,
    (box.top + box.bottom) / 2 + outline.down * height,
    outline.width * (box.right - box.left),
    outline.height * height,
  );
}

/** The box that a family draws where another one draws `box`. */
export function redrawn(from: DetectorFamilyName, to: DetectorFamilyName, box: Box): Box {
  const { outline = { down: 0, width: 1, height: 1 } } = detectorFamilies[to];
  const around = outlineOf(from, box);
  const height = (around.bottom - around.top) / outline.height;
  return boxAround(
    (around.left + around.right) / 2,
    (around.top + around.bottom) / 2 - outline.down * height,
    (around.right - around.left) / outline.width,
    height,
  );
}
