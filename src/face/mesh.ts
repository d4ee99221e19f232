import type { FivePoints } from '../detect/detector.ts';
import { type Affine, type Box, invert, type Point, transform } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { planarImage, resizeIntoTensor } from '../image/resize.ts';
import { warpPicture } from '../image/warp.ts';
import { type FixedImageInput, runBatched } from '../nn/batch.ts';
import type { Network } from '../nn/network.ts';
import { centroid } from './template.ts';

/** Side of the square that the network looks at, in pixels. */
export const meshSide = 192;

/** What the network wants to be given. */
export const meshInput: FixedImageInput = {
  name: 'image',
  layout: 'NCHW',
  order: 'RGB',
  mean: 0,
  scale: 1 / 255,
  size: { width: meshSide, height: meshSide },
};

/** What the network saw in one square. */
export interface MeshSight {
  /** The 468 vertices of MediaPipe's canonical face model, in pixels of the picture. */
  readonly vertices: readonly Point[];
  /** Probability that the square shows a face, 0 to 1. */
  readonly face: number;
}

/**
 * What the network sees under maps from a picture to its square input.
 */
export async function meshesUnder(
  network: Network,
  picture: Picture,
  toInputs: readonly Affine[],
): Promise<MeshSight[]> {
  const whole: Box = { left: 0, top: 0, right: meshSide, bottom: meshSide };
  return runBatched(
    network,
    meshInput,
    toInputs,
    (toInput, data, offset) =>
      resizeIntoTensor(
        warpPicture(picture, toInput, meshSide, meshSide),
        whole,
        planarImage(data, offset, meshSide, meshSide),
      ),
    ({ mesh, face }, toInput) => {
      const toPicture = invert(toInput);
      const values = mesh as Float32Array;
      return {
        vertices: Array.from({ length: values.length / 3 }, (_, vertex) =>
          transform(toPicture, { x: values[3 * vertex]!, y: values[3 * vertex + 1]! }),
        ),
        face: face![0]!,
      };
    },
  );
}

/** The vertices around each eye whose mean is its centre: corners, and lids at three places. */
const eyes = {
  left: [33, 133, 159, 145, 160, 144, 158, 153],
  right: [362, 263, 386, 374, 385, 380, 387, 373],
} as const;
const noseTip = 1;
const mouthCorners = { left: 61, right: 291 } as const;

/** The five points of alignment among the vertices. */
export function fiveOfMesh(vertices: readonly Point[]): FivePoints {
  const at = (vertex: number) => vertices[vertex] as Point;
  return [
    centroid(eyes.left.map(at)),
    centroid(eyes.right.map(at)),
    at(noseTip),
    at(mouthCorners.left),
    at(mouthCorners.right),
  ];
}
