import type { Detection } from '../detect/detector.ts';
import type { Affine, Box } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import type { Raster } from '../image/raster.ts';
import { warpPicture } from '../image/warp.ts';
import type { ImageNetwork } from '../nn/batch.ts';
import { alignments } from './align.ts';
import type { AlignedFace, FoundFace } from './face.ts';
import { chipSize } from './template.ts';

/** Cuts the chips of detected faces out of their picture. @param mesh see {@link alignments} */
export async function alignFaces(
  mesh: ImageNetwork,
  picture: Picture,
  detections: readonly Detection[],
): Promise<AlignedFace[]> {
  const aligned = await alignments(mesh, picture, detections);
  return aligned.map(({ toChip, five }, index) => {
    const face = faceOf(detections[index]!, picture);
    return { ...face, chip: cutChip(picture, toChip), toChip, five };
  });
}

/** A detected face as it is reported. */
export function faceOf({ box, confidence }: Detection, picture: Picture): FoundFace {
  return { box: pixelBox(box, picture), confidence };
}

/** The face of a picture that shows a chip in this box, whatever its size. */
export function chipOf(picture: Picture, box: Box): AlignedFace {
  const scaleX = chipSize / (box.right - box.left);
  const scaleY = chipSize / (box.bottom - box.top);
  const toChip = { a: scaleX, b: 0, c: -scaleX * box.left, d: 0, e: scaleY, f: -scaleY * box.top };
  return { box, confidence: 1, chip: cutChip(picture, toChip), toChip };
}

/** Most faces are smaller than a chip, which is why it takes care how it enlarges them. */
function cutChip(picture: Picture, toChip: Affine): Raster {
  return warpPicture(picture, toChip, chipSize, chipSize, 'cubic');
}

/** The pixels that a box covers, at least one, inside the picture. */
function pixelBox(box: Box, { width, height }: Picture): Box {
  const left = Math.min(Math.max(0, Math.round(box.left)), width - 1);
  const top = Math.min(Math.max(0, Math.round(box.top)), height - 1);
  return {
    left,
    top,
    right: Math.max(left + 1, Math.min(Math.round(box.right), width)),
    bottom: Math.max(top + 1, Math.min(Math.round(box.bottom), height)),
  };
}
