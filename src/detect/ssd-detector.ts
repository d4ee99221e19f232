import { area, type Box, intersect } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { resizePictureIntoTensor } from '../image/resize.ts';
import type { Network } from '../nn/network.ts';
import type { Detection, Detector } from './detector.ts';
import { suppress } from './nms.ts';
import { decodeSsd, ssdInputSize } from './ssd-mobilenet.ts';

/** Least confidence of a face that is reported. */
const threshold = 0.5;

/** IoU above which two boxes are taken for one face. */
const sameFace = 0.4;

/** A detector on SSD MobileNetV1. */
export function createSsdDetector(network: Network): Detector {
  return {
    async detect(picture, region) {
      const found = await detectInWindow(network, picture, region, windowAround(region));
      return suppress(
        found.filter(({ box }) => area(intersect(box, region)) > 0),
        sameFace,
      );
    },
  };
}

/** The square with a region in its corner: a letterbox. */
function windowAround(region: Box): Box {
  const side = Math.max(region.right - region.left, region.bottom - region.top);
  return { left: region.left, top: region.top, right: region.left + side, bottom: region.top + side };
}

/** Looks at a square of the picture; what the square has outside the region stays black. */
async function detectInWindow(
  network: Network,
  picture: Picture,
  region: Box,
  window: Box,
): Promise<Detection[]> {
  const scale = ssdInputSize / (window.right - window.left);
  const seen = intersect(window, region);
  const data = new Float32Array(3 * ssdInputSize * ssdInputSize);
  const column = Math.round((seen.left - window.left) * scale);
  const row = Math.round((seen.top - window.top) * scale);
  resizePictureIntoTensor(picture, seen, {
    data,
    offset: row * ssdInputSize + column,
    width: Math.max(1, Math.min(Math.round((seen.right - seen.left) * scale), ssdInputSize - column)),
    height: Math.max(1, Math.min(Math.round((seen.bottom - seen.top) * scale), ssdInputSize - row)),
    rowStride: ssdInputSize,
    planeStride: ssdInputSize * ssdInputSize,
  });
  const { boxes, scores } = await network.run({ image: { data, shape: [1, 3, ssdInputSize, ssdInputSize] } });
  if (!boxes || !scores) throw new TypeError('an SSD has the outputs boxes and scores');
  return decodeSsd({ boxes: boxes.data, scores: scores.data }, threshold).map(({ box, confidence }) => ({
    confidence,
    box: {
      left: window.left + box.left / scale,
      top: window.top + box.top / scale,
      right: window.left + box.right / scale,
      bottom: window.top + box.bottom / scale,
    },
  }));
}
