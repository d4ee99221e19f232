import { boxAround, type Point } from '../image/geometry.ts';
import type { Tensor } from '../nn/network.ts';
import type { DetectorFamily } from './detector.ts';
import { Sightings } from './sightings.ts';

/**
 * BlazeFace (Bazarevsky et al. 2019, https://arxiv.org/abs/1907.05047) as MediaPipe's detector for
 * the back camera: anchors without a size of their own at the centres of two grids' cells. For
 * each grid there is an output of logits, one an anchor, and one of 16 numbers an anchor: centre,
 * width, height, and six points, in input pixels.
 */
export const blazeface: DetectorFamily = {
  // From 14 on as good as from 16: see the model card. With 15 faces of 30 pixels, the least by default, are
  // looked for at exactly half of the picture's size, which JPEG decoders give without more ado.
  reliable: { least: 15, most: 180 },
  confidence: 0.6,

  /** Medians over 120 faces of the detection set that an SSD MobileNet found too. */
  outline: { down: -0.177, width: 0.887, height: 1.318 },

  decode(outputs, { width, height }, threshold) {
    const seen = new Sightings();
    for (const { stride, anchorsPerCell } of grids) {
      const columns = Math.ceil(width / stride);
      const anchors = anchorsPerCell * columns * Math.ceil(height / stride);
      const logits = valuesOf(outputs, anchors, 1);
      const boxes = valuesOf(outputs, anchors, numbersPerBox);
      for (let anchor = 0; anchor < anchors; anchor++) {
        const confidence = 1 / (1 + Math.exp(-logits[anchor]!));
        if (!(confidence >= threshold)) continue;
        const cell = Math.floor(anchor / anchorsPerCell);
        const at = numbersPerBox * anchor;
        const centreX = ((cell % columns) + 0.5) * stride;
        const centreY = (Math.floor(cell / columns) + 0.5) * stride;
        const x = centreX + boxes[at]!;
        const y = centreY + boxes[at + 1]!;
        const box = boxAround(x, y, boxes[at + 2]!, boxes[at + 3]!);
        seen.add(box, confidence, sixPointsAt(boxes, at + 4, centreX, centreY));
      }
    }
    return seen;
  },
};

const grids = [
  { stride: 16, anchorsPerCell: 2 },
  { stride: 32, anchorsPerCell: 6 },
] as const;

const numbersPerBox = 16;

/** Six points out of twelve offsets from a cell's centre, x and y in turn, from `at` on. */
function sixPointsAt(offsets: Float32Array, at: number, centreX: number, centreY: number): Point[] {
  return [0, 2, 4, 6, 8, 10].map((next) => ({
    x: centreX + offsets[at + next]!,
    y: centreY + offsets[at + next + 1]!,
  }));
}

/** The output with this many rows of this many values: the names say nothing. */
function valuesOf(outputs: Readonly<Record<string, Tensor>>, rows: number, values: number): Float32Array {
  const tensor = Object.values(outputs).find(
    ({ data, shape }) => shape.at(-1) === values && data.length === rows * values,
  );
  if (!tensor) throw new TypeError(`a BlazeFace has an output of 1×${rows}×${values}`);
  return tensor.data;
}
