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
  /** Least longer side of a face that this look may report, as a share of `size`. */
  readonly leastFace: number;
  /** And the most, where a coarser look sees larger faces better. */
  readonly mostFace: number;
}

/**
 * The input that the network was trained on, and two coarser ones: the network loses faces that
 * fill its input or touch its border. Of 390 video frames that each show a face, one, two and
 * three looks find 63%, 95% and 99%. Small shapes in the coarsest look are false finds mostly:
 * with them precision falls from 0.98 to 0.93 on the detection set, without them it stays.
 */
const looks: readonly Look[] = [
  { size: 512, margin: 0, leastFace: 0, mostFace: 0.45 },
  { size: 256, margin: 32, leastFace: 0, mostFace: 0.6 },
  { size: 160, margin: 32, leastFace: 0.3, mostFace: Infinity },
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
  return decodeSsd({ boxes: boxes.data, scores: scores.data }, side, side, minConfidence)
    .filter(({ box }) => {
      const share = Math.max(box.right - box.left, box.bottom - box.top) / look.size;
      return share >= look.leastFace && share <= look.mostFace;
    })
    .map(({ box, confidence }) => ({ box: inPicture(box), confidence }));
}
