import { type Box, intersect, type Point } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { resizePictureIntoTensor } from '../image/resize.ts';
import { type ImageInput, normalizeImage } from '../nn/image-input.ts';
import type { Network } from '../nn/network.ts';
import type { Detection, DetectorFamilyName, FivePoints, SixPoints } from './detector.ts';
import { detectorFamilies } from './families.ts';

/** A detector's network, and what has to be known to run it and to read its answers. */
export interface DetectorNetwork {
  readonly family: DetectorFamilyName;
  readonly network: Network;
  readonly input: ImageInput;
}

/** What fills the input of one forward pass. */
export interface View {
  /** In pixels of the picture; what lies outside `region` is grey. */
  readonly source: Box;
  /** Input pixels for a pixel of the picture. */
  readonly scale: number;
  /** Size of the input in pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * One forward pass.
 *
 * @param region the part of the picture that may be seen
 * @returns finds in pixels of the picture, overlapping ones included
 */
export async function look(
  { family, network, input }: DetectorNetwork,
  picture: Picture,
  region: Box,
  view: View,
  minConfidence: number,
): Promise<Detection[]> {
  const { width, height, source, scale } = view;
  const planes = cut(picture, intersect(region, source), view);
  const shape = input.layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  const outputs = await network.run({ [input.name]: { data: normalizeImage(planes, input), shape } });
  return detectorFamilies[family]
    .decode(outputs, view, minConfidence)
    .map((found) => toPicture(found, source.left, source.top, 1 / scale));
}

/**
 * What is shown where there is nothing to see, 0 to 255: the middle of the range, which most networks
 * are given as zero and pad their maps with. Beside black, faces at the border were found less often.
 */
const nothing = 127.5;

/** RGB planes of the view; what is seen is rounded to whole input pixels, so that it keeps its scale. */
function cut(picture: Picture, seen: Box, { width, height, source, scale }: View): Float32Array {
  const planes = new Float32Array(3 * width * height).fill(nothing);
  const left = Math.round((seen.left - source.left) * scale);
  const top = Math.round((seen.top - source.top) * scale);
  const right = Math.min(width, Math.round((seen.right - source.left) * scale));
  const bottom = Math.min(height, Math.round((seen.bottom - source.top) * scale));
  if (right <= left || bottom <= top) return planes;
  const shown = {
    left: source.left + left / scale,
    top: source.top + top / scale,
    right: source.left + right / scale,
    bottom: source.top + bottom / scale,
  };
  resizePictureIntoTensor(picture, shown, {
    data: planes,
    offset: top * width + left,
    width: right - left,
    height: bottom - top,
    rowStride: width,
    planeStride: width * height,
  });
  return planes;
}

function toPicture(
  { box, confidence, points, sixPoints }: Detection,
  left: number,
  top: number,
  unit: number,
): Detection {
  const placed = (seen: readonly Point[]) =>
    seen.map(({ x, y }) => ({ x: left + x * unit, y: top + y * unit }));
  return {
    box: {
      left: left + box.left * unit,
      top: top + box.top * unit,
      right: left + box.right * unit,
      bottom: top + box.bottom * unit,
    },
    confidence,
    ...(points && { points: placed(points) as unknown as FivePoints }),
    ...(sixPoints && { sixPoints: placed(sixPoints) as unknown as SixPoints }),
  };
}
