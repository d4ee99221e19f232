import type { Tensor } from '../nn/network.ts';
import type { DetectorFamily } from './detector.ts';
import { pointsAt } from './five-points.ts';
import { Sightings } from './sightings.ts';

/**
 * SCRFD (Guo et al. 2021, https://github.com/deepinsight/insightface/tree/master/detection/scrfd)
 * with points: two anchors on the corner of each cell of three feature maps. Its nine outputs have
 * numbers for names and come as scores (probabilities), boxes (distances of left, top, right and
 * bottom edge from the anchor) and points (from the anchor), each for strides 8, 16 and 32; with
 * one row an anchor, in strides.
 */
export const scrfd: DetectorFamily = {
  reliable: { least: 12, most: 400 },
  confidence: 0.5,

  decode(outputs, { width, height }, threshold) {
    const tensors = Object.values(outputs);
    if (tensors.length !== 3 * strides.length) {
      throw new TypeError(`an SCRFD has ${3 * strides.length} outputs, found ${tensors.length}`);
    }
    const seen = new Sightings();
    for (const [map, stride] of strides.entries()) {
      const columns = Math.ceil(width / stride);
      const anchors = anchorsPerCell * columns * Math.ceil(height / stride);
      const scores = valuesOf(tensors[map], anchors);
      const edges = valuesOf(tensors[map + strides.length], 4 * anchors);
      const points = valuesOf(tensors[map + 2 * strides.length], 10 * anchors);
      for (let anchor = 0; anchor < anchors; anchor++) {
        const confidence = scores[anchor]!;
        if (!(confidence >= threshold)) continue;
        const cell = Math.floor(anchor / anchorsPerCell);
        const x = (cell % columns) * stride;
        const y = Math.floor(cell / columns) * stride;
        const edge = (side: number) => edges[4 * anchor + side]! * stride;
        const box = { left: x - edge(0), top: y - edge(1), right: x + edge(2), bottom: y + edge(3) };
        seen.add(box, confidence, pointsAt(points, anchor, x, y, stride));
      }
    }
    return seen;
  },
};

const strides = [8, 16, 32] as const;
const anchorsPerCell = 2;

function valuesOf(tensor: Tensor | undefined, length: number): Float32Array {
  if (tensor?.data.length !== length) {
    throw new TypeError(
      `an SCRFD has an output of ${length} values in the place of one of [${tensor?.shape}]; ` +
        'expected are scores, boxes and points, each for strides 8, 16 and 32',
    );
  }
  return tensor.data;
}
