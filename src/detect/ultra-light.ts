import { boxAround } from '../image/geometry.ts';
import type { Tensor } from '../nn/network.ts';
import type { DetectorFamily } from './detector.ts';
import { Sightings } from './sightings.ts';

/**
 * Ultra-Light-Fast-Generic-Face-Detector (https://github.com/Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB):
 * an SSD with square priors at the centres of the cells of four maps. For each map there is an output
 * `logits_s` ([1, priors, 1], s the stride) and one `boxes_s` ([1, priors, 4]: offsets of centre x and
 * y, logarithms of width and height).
 */
export const ultraLight: DetectorFamily = {
  reliable: { least: 15, most: 300 },
  confidence: 0.5,
  /** Medians over 124 faces of the detection set that a BlazeFace found too. */
  outline: { down: -0.045, width: 0.974, height: 1.041 },

  decode(outputs, { width, height }, threshold) {
    const leastLogit = logitOf(threshold);
    const seen = new Sightings();
    for (const { stride, priors, outputs: names } of maps) {
      const columns = Math.ceil(width / stride);
      const cells = outputs[names.logits]?.cells;
      const rows = (cells?.length ?? columns * Math.ceil(height / stride)) * priors.length;
      const logits = valuesOf(outputs, names.logits, rows);
      const boxes = valuesOf(outputs, names.boxes, 4 * rows);
      for (let row = 0; row < rows; row++) {
        const logit = logits[row]!;
        if (!(logit >= leastLogit)) continue;
        const index = Math.floor(row / priors.length);
        const cell = cells ? cells[index]! : index;
        const prior = priors[row % priors.length]!;
        const x = ((cell % columns) + 0.5) * stride + boxes[4 * row]! * centreVariance * prior;
        const y = (Math.floor(cell / columns) + 0.5) * stride + boxes[4 * row + 1]! * centreVariance * prior;
        const faceWidth = prior * Math.exp(boxes[4 * row + 2]! * sizeVariance);
        const faceHeight = prior * Math.exp(boxes[4 * row + 3]! * sizeVariance);
        seen.add(boxAround(x, y, faceWidth, faceHeight), 1 / (1 + Math.exp(-logit)));
      }
    }
    return seen;
  },

  gates: (threshold) =>
    maps.map(({ outputs: { logits, boxes } }) => ({
      by: logits,
      least: logitOf(threshold),
      outputs: [logits, boxes],
    })),
};

const logitOf = (probability: number): number => Math.log(probability / (1 - probability));

/** The maps with the sides of their priors, in input pixels, and the names of their outputs. */
const maps = [
  { stride: 8, priors: [10, 16, 24] },
  { stride: 16, priors: [32, 48] },
  { stride: 32, priors: [64, 96] },
  { stride: 64, priors: [128, 192, 256] },
].map(({ stride, priors }) => ({
  stride,
  priors,
  outputs: { logits: `logits_${stride}`, boxes: `boxes_${stride}` },
}));

/** Factors of the regression's offsets, as in training. */
const centreVariance = 0.1;
const sizeVariance = 0.2;

function valuesOf(outputs: Readonly<Record<string, Tensor>>, name: string, length: number): Float32Array {
  const data = outputs[name]?.data;
  if (data?.length !== length) {
    throw new TypeError(
      `an Ultra-Light detector has an output ${name} of ${length} values, found ${data ? data.length : 'none'}`,
    );
  }
  return data;
}
