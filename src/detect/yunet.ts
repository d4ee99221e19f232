import { boxAround } from '../image/geometry.ts';
import type { Tensor } from '../nn/network.ts';
import type { DetectorFamily } from './detector.ts';
import { pointsAt } from './five-points.ts';
import { Sightings } from './sightings.ts';

/**
 * YuNet (Wu et al. 2023, https://github.com/ShiqiYu/libfacedetection.train): anchor-free, one
 * prediction for each cell of three feature maps. Outputs for a stride s: `cls_s` and `obj_s`
 * (probabilities of a face in the cell and of an object, [1, cells, 1]), `bbox_s` ([1, cells, 4]:
 * shift of the centre from the cell's corner and logarithm of the size, in strides) and `kps_s`
 * ([1, cells, 10]: five points from the cell's corner, in strides).
 */
export const yunet: DetectorFamily = {
  // On the detection set, looking for the same faces at 10, 17, 25, 30 and 43 pixels and more: AP
  // 0.968, 0.976, 0.991, 0.990 and 0.958.
  reliable: { least: 25, most: 320 },
  confidence: 0.7,

  decode(outputs, { width, height }, threshold) {
    const seen = new Sightings();
    for (const stride of strides) {
      const columns = Math.ceil(width / stride);
      const cells = columns * Math.ceil(height / stride);
      const output = (name: string, values: number) => valuesOf(outputs, `${name}_${stride}`, cells * values);
      const [faces, objects] = [output('cls', 1), output('obj', 1)];
      const [boxes, points] = [output('bbox', 4), output('kps', 10)];
      for (let cell = 0; cell < cells; cell++) {
        const confidence = Math.sqrt(probability(faces[cell]!) * probability(objects[cell]!));
        if (!(confidence >= threshold)) continue;
        const column = cell % columns;
        const row = Math.floor(cell / columns);
        const x = (column + boxes[4 * cell]!) * stride;
        const y = (row + boxes[4 * cell + 1]!) * stride;
        const faceWidth = Math.exp(boxes[4 * cell + 2]!) * stride;
        const faceHeight = Math.exp(boxes[4 * cell + 3]!) * stride;
        const box = boxAround(x, y, faceWidth, faceHeight);
        seen.add(box, confidence, pointsAt(points, cell, column * stride, row * stride, stride));
      }
    }
    return seen;
  },
};

const strides = [8, 16, 32] as const;

/** Rounding leaves some a hair outside. */
const probability = (value: number): number => Math.min(1, Math.max(0, value));

function valuesOf(outputs: Readonly<Record<string, Tensor>>, name: string, length: number): Float32Array {
  const data = outputs[name]?.data;
  if (data?.length !== length) {
    throw new TypeError(
      `a YuNet has an output ${name} of ${length} values, found ${data ? data.length : 'none'}`,
    );
  }
  return data;
}
