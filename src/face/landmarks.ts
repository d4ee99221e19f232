import type { FivePoints } from '../detect/detector.ts';
import {
  type Affine,
  type Box,
  compose,
  invert,
  longerSide,
  type Point,
  transform,
} from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import type { Raster } from '../image/raster.ts';
import { planarImage, resizeIntoTensor, resizePictureIntoTensor } from '../image/resize.ts';
import { warpPicture } from '../image/warp.ts';
import { type FixedImageInput, runBatched } from '../nn/batch.ts';
import type { Network } from '../nn/network.ts';
import { centroid, chipSize } from './template.ts';

const size = 112;

const input: FixedImageInput = {
  name: 'image',
  layout: 'NCHW',
  order: 'RGB',
  mean: 0,
  scale: 1,
  size: { width: size, height: size },
};

/** Side of the square that the network looks at, as a multiple of the box's longer side. */
const squareScale = 1;

/** Where the parts of a face begin in the 68-point annotation of iBUG 300-W. */
const leftEye = 36;
const rightEye = 42;
const pointsPerEye = 6;
const noseTip = 30;
const leftMouth = 48;
const rightMouth = 54;

/** The five points of alignment among 68 landmarks. */
export function fivePoints(landmarks: readonly Point[]): FivePoints {
  return [
    centroid(landmarks.slice(leftEye, leftEye + pointsPerEye)),
    centroid(landmarks.slice(rightEye, rightEye + pointsPerEye)),
    landmarks[noseTip] as Point,
    landmarks[leftMouth] as Point,
    landmarks[rightMouth] as Point,
  ];
}

/** The 68 landmarks of the faces in these boxes of a picture, in its pixels. */
export function landmarksInPicture(
  network: Network,
  picture: Picture,
  boxes: readonly Box[],
): Promise<Point[][]> {
  return landmarksIn(
    network,
    boxes.map((box) => ({ square: squareAround(box) })),
    ({ square }, data, offset) =>
      resizePictureIntoTensor(picture, square, planarImage(data, offset, size, size)),
  );
}

/** The 68 landmarks of the faces that these maps bring from a picture to a chip, in the picture's pixels. */
export async function landmarksUnder(
  network: Network,
  picture: Picture,
  toChips: readonly Affine[],
): Promise<Point[][]> {
  const square = { left: 0, top: 0, right: size, bottom: size };
  const maps = toChips.map((toChip) => compose(chipToInput, toChip));
  const seen = await landmarksIn(
    network,
    maps.map((toInput) => ({ toInput, square })),
    ({ toInput }, data, offset) =>
      resizeIntoTensor(
        warpPicture(picture, toInput, size, size),
        square,
        planarImage(data, offset, size, size),
      ),
  );
  return seen.map((points, index) => {
    const toPicture = invert(maps[index] as Affine);
    return points.map((point) => transform(toPicture, point));
  });
}

/** A whole chip as the network's input. */
const chipToInput: Affine = { a: size / chipSize, b: 0, c: 0, d: 0, e: size / chipSize, f: 0 };

/** The 68 landmarks of the faces in these chips, in chip pixels. */
export function landmarksInChips(network: Network, chips: readonly Raster[]): Promise<Point[][]> {
  const square = { left: 0, top: 0, right: chipSize, bottom: chipSize };
  return landmarksIn(
    network,
    chips.map((source) => ({ source, square })),
    ({ source }, data, offset) => resizeIntoTensor(source, square, planarImage(data, offset, size, size)),
  );
}

function landmarksIn<Item extends { readonly square: Box }>(
  network: Network,
  items: readonly Item[],
  fill: (item: Item, data: Float32Array, offset: number) => void,
): Promise<Point[][]> {
  return runBatched(network, input, items, fill, (outputs, { square }) => {
    const shares = outputs.landmarks as Float32Array;
    const side = square.right - square.left;
    return Array.from({ length: shares.length / 2 }, (_, index) => ({
      x: square.left + (shares[2 * index] as number) * side,
      y: square.top + (shares[2 * index + 1] as number) * side,
    }));
  });
}

function squareAround(box: Box): Box {
  const half = (longerSide(box) * squareScale) / 2;
  const x = (box.left + box.right) / 2;
  const y = (box.top + box.bottom) / 2;
  return { left: x - half, top: y - half, right: x + half, bottom: y + half };
}
