import type { FivePoints } from '../detect/detector.ts';
import { type Affine, invert, type Point, transform } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { sourceOfWarp } from '../image/warp.ts';
import { type ImageNetwork, runBatched } from '../nn/batch.ts';
import { centroid } from './template.ts';

/** One look of the mesh network at a square. */
export interface MeshSight {
  /** The 468 vertices of MediaPipe's canonical face model, in pixels of the picture. */
  readonly vertices: readonly Point[];
  /** Probability that the square shows a face, 0 to 1. */
  readonly face: number;
}

/** Looks of the mesh network, each under a map from the picture to its square input. */
export async function meshesUnder(
  { network, input }: ImageNetwork,
  picture: Picture,
  toInputs: readonly Affine[],
): Promise<MeshSight[]> {
  const side = input.size.width;
  return runBatched(
    network,
    input,
    toInputs,
    (toInput) => sourceOfWarp(picture, toInput, side, side),
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
