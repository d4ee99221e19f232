import { type Box, iou } from '../../src/image/geometry.ts';
import type { Picture } from '../../src/image/picture.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { createRandom } from '../accuracy/random.ts';
import { background, type Patch, paste, pastePlaces } from './paste.ts';

/** Counts of the faces of one size that were pasted into pictures, and of the finds there. */
export interface SizeRecall {
  readonly size: number;
  readonly faces: number;
  readonly found: number;
  /** Faces that were reported more than once. */
  readonly twice: number;
  /** Finds that are no pasted face. */
  readonly others: number;
}

/** Least IoU of a find with a pasted face; that of detectors' boxes with its square varies. */
const overlap = 0.35;

/** The boxes of the faces in a picture. */
export type Detect = (picture: Picture) => Promise<readonly Box[]>;

/**
 * Pastes every patch once at a size, over as many pictures as it takes without overlap, and counts.
 * The places are the picture's corners, borders and middles in turn.
 */
export async function recallAt(
  size: number,
  patches: readonly Patch[],
  { width, height }: { readonly width: number; readonly height: number },
  detect: Detect,
  seed: number,
): Promise<SizeRecall> {
  const random = createRandom(seed);
  const result = { size, faces: 0, found: 0, twice: 0, others: 0 };
  let waiting = [...patches.keys()];
  // Each picture begins with another place, so that large faces are not always in the corner.
  for (let first = 0; waiting.length > 0; first++) {
    const raster = background(width, height, random);
    const pasted: Box[] = [];
    const left: number[] = [];
    let next = first;
    for (const index of waiting) {
      const place = pastePlaces[next % pastePlaces.length]!;
      const room = squareAt(width, height, size, place);
      if (pasted.length >= pastePlaces.length || pasted.some((other) => meet(other, room, size))) {
        left.push(index);
      } else {
        pasted.push(paste(raster, patches[index]!, size, place));
      }
      next++;
    }
    waiting = left;
    count(result, pasted, await detect(rasterPicture(raster)));
  }
  return result;
}

function count(
  result: { -readonly [Key in keyof SizeRecall]: number },
  pasted: Box[],
  finds: readonly Box[],
) {
  const belonging = pasted.map((face) => finds.filter((find) => covers(find, face)).length);
  result.faces += pasted.length;
  result.found += pasted.filter((face) => finds.some((find) => iou(find, face) >= overlap)).length;
  result.twice += belonging.filter((number) => number > 1).length;
  result.others += finds.filter((find) => !pasted.some((face) => covers(find, face))).length;
}

/** True where the middle of a find lies in a face's square. */
function covers(find: Box, { left, top, right, bottom }: Box): boolean {
  const x = (find.left + find.right) / 2;
  const y = (find.top + find.bottom) / 2;
  return x >= left && x < right && y >= top && y < bottom;
}

function squareAt(width: number, height: number, size: number, { x, y }: { x: number; y: number }): Box {
  const left = x * (width - size);
  const top = y * (height - size);
  return { left, top, right: left + size, bottom: top + size };
}

/** True where two pasted faces would come so close that the surroundings of one cover the other. */
function meet(first: Box, second: Box, size: number): boolean {
  return Math.abs(first.left - second.left) < 1.75 * size && Math.abs(first.top - second.top) < 1.75 * size;
}
