import type { FivePoints } from '../detect/detector.ts';
import { type Affine, invert, type Point, transform } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { sourceOfWarp } from '../image/warp.ts';
import { type ImageNetwork, runBatched } from '../nn/batch.ts';
import { centroid } from './template.ts';

/** One look of the mesh network at a square. */
export interface MeshSight {
  /** The five points of alignment, in pixels of the picture. */
  readonly five: FivePoints;
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
    ({ mesh, face }, toInput) => ({ five: fiveOf(mesh!, invert(toInput)), face: face![0]! }),
  );
}

/**
 * The vertices around each eye whose mean is its centre: corners, and lids at three places. Of 468, as MediaPipe's
 * canonical face model numbers them.
 */
const eyes = {
  left: [33, 133, 159, 145, 160, 144, 158, 153],
  right: [362, 263, 386, 374, 385, 380, 387, 373],
} as const;
const noseTip = 1;
const mouthCorners = { left: 61, right: 291 } as const;

/** The five points of alignment among the vertices. @param mesh three numbers for each, in pixels of the input */
function fiveOf(mesh: Float32Array, toPicture: Affine): FivePoints {
  return [
    centroid(verticesAt(eyes.left, mesh, toPicture)),
    centroid(verticesAt(eyes.right, mesh, toPicture)),
    vertexAt(noseTip, mesh, toPicture),
    vertexAt(mouthCorners.left, mesh, toPicture),
    vertexAt(mouthCorners.right, mesh, toPicture),
  ];
}

function verticesAt(indices: readonly number[], mesh: Float32Array, toPicture: Affine): Point[] {
  const vertices: Point[] = [];
  for (const index of indices) vertices.push(vertexAt(index, mesh, toPicture));
  return vertices;
}

const vertexAt = (index: number, mesh: Float32Array, toPicture: Affine): Point =>
  transform(toPicture, { x: mesh[3 * index]!, y: mesh[3 * index + 1]! });
