import { area, type Box, intersect } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { resizePictureIntoTensor } from '../image/resize.ts';
import type { Network } from '../nn/network.ts';
import type { Detection, Detector } from './detector.ts';
import { suppress } from './nms.ts';
import { decodeSsd } from './ssd-mobilenet.ts';

/** IoU above which two boxes are taken for one face. */
const sameFace = 0.4;

/** One pass of the network over the whole region. */
interface Look {
  /** Side of the square that the region is fitted into, in input pixels. */
  readonly size: number;
  /** Empty pixels around that square: context for faces that fill the picture. */
  readonly margin: number;
}

/**
 * The input that the network was trained on, and a coarse one: the network loses faces that fill
 * its input or touch its border, which are half as large there (found of 390 video frames: 63%
 * and 94%; together nearly all).
 */
const looks: readonly Look[] = [
  { size: 512, margin: 0 },
  { size: 256, margin: 32 },
];

/**
 * A detector on SSD MobileNetV1.
 *
 * @param minConfidence least confidence of a face that is reported, 0 to 1
 */
export function createSsdDetector(network: Network, minConfidence: number): Detector {
  return {
    async detect(picture, region) {
      const found: Detection[] = [];
      for (const look of looks)
        found.push(...(await detectAt(network, minConfidence, picture, region, look)));
      return suppress(
        found.filter(({ box }) => area(intersect(box, region)) > 0),
        sameFace,
      );
    },
  };
}

async function detectAt(
  network: Network,
  minConfidence: number,
  picture: Picture,
  region: Box,
  look: Look,
): Promise<Detection[]> {
  const width = region.right - region.left;
  const height = region.bottom - region.top;
  const scale = look.size / Math.max(width, height);
  const side = look.size + 2 * look.margin;
  const data = new Float32Array(3 * side * side);
  resizePictureIntoTensor(picture, region, {
    data,
    offset: look.margin * side + look.margin,
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    rowStride: side,
    planeStride: side * side,
  });
  const { boxes, scores } = await network.run({ image: { data, shape: [1, 3, side, side] } });
  if (!boxes || !scores) throw new TypeError('an SSD has the outputs boxes and scores');
  const inPicture = ({ left, top, right, bottom }: Box): Box => ({
    left: region.left + (left - look.margin) / scale,
    top: region.top + (top - look.margin) / scale,
    right: region.left + (right - look.margin) / scale,
    bottom: region.top + (bottom - look.margin) / scale,
  });
  return decodeSsd({ boxes: boxes.data, scores: scores.data }, side, side, minConfidence).map(
    ({ box, confidence }) => ({ box: inPicture(box), confidence }),
  );
}
