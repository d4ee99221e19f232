import type { Manifest } from '../src/pipeline/manifest.ts';

/** Inputs that several networks share. */

type DetectorInput = Extract<Manifest, { decoder: 'scrfd' }>['input'];
type SquareInput = Extract<Manifest, { decoder: 'embedding' }>['input'];

/** A square of pixels as they are, 0 to 255, as the network's only input. */
export function plainSquare(size: number): SquareInput {
  return {
    layout: 'NCHW',
    order: 'RGB',
    mean: 0,
    scale: 1,
    size: { width: size, height: size },
  };
}

/** A square of pixels from -1 to 1, as the network's only input. */
export function centredSquare(size: number): SquareInput {
  return {
    layout: 'NCHW',
    order: 'RGB',
    mean: 127.5,
    scale: 1 / 127.5,
    size: { width: size, height: size },
  };
}

/** The input that SCRFD is trained on (`scrfd.py` in python-package/insightface/model_zoo). */
export const scrfdInput: DetectorInput = {
  layout: 'NCHW',
  order: 'RGB',
  mean: 127.5,
  scale: 1 / 128,
  size: { multipleOf: 32 },
};

/**
 * Where the eyes of the average face lie in the square on which InsightFace's networks are trained
 * (`arcface_dst` in python-package/insightface/utils/face_align.py): the similarity that brings the
 * five points of our chip closest to those of that template.
 */
export const arcfaceCrop = { eyeHalfDistance: 0.1623, eyeHeight: 0.4668 } as const;

/** Terms of the networks in InsightFace's model zoo. */
export const insightfaceLicence = 'InsightFace model zoo';

export const insightface = 'https://github.com/deepinsight/insightface/tree/master/model_zoo';
