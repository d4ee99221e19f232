import type { Box } from '../image/geometry.ts';
import type { Detection } from './detector.ts';

/**
 * Priors of the SSD MobileNetV1 that TensorFlow's detection API trains (its
 * `ssd_anchor_generator`: scales 0.2 to 0.95 over six feature maps, the lowest map reduced), as
 * equal to the ones stored beside the weights. A prior is centred in its cell; its size depends
 * on the map and the shape alone.
 */

/** Pixels of the input; the network is convolutional, but its priors are shares of this. */
export const ssdInputSize = 512;

/** Cells on a side of each feature map. */
const mapSizes = [32, 16, 8, 4, 2, 1] as const;

const lowestScale = 0.2;
const scaleStep = 0.15;

/** What the regression's offsets are multiplied by, as in training. */
const centreVariance = 0.1;
const sizeVariance = 0.2;

/** Four numbers a prior: centre x and y, width, height; in input pixels. */
const priors = createPriors();

/** Raw outputs of one picture: a row a prior. */
export interface SsdOutput {
  /** 4 numbers a row: offsets of centre y and x, logarithms of height and width. */
  readonly boxes: Float32Array;
  /** The probability of a face, 0 to 1, one a row. */
  readonly scores: Float32Array;
}

/**
 * The faces in the network's raw output, in input pixels, overlapping ones included.
 *
 * @param threshold least confidence, 0 to 1
 */
export function decodeSsd({ boxes, scores }: SsdOutput, threshold: number): Detection[] {
  const found: Detection[] = [];
  scores.forEach((confidence, row) => {
    if (confidence >= threshold) found.push({ box: decodeBox(boxes, row), confidence });
  });
  return found;
}

function decodeBox(boxes: Float32Array, row: number): Box {
  const [x, y, width, height] = priors.subarray(4 * row, 4 * row + 4) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const [dy, dx, dh, dw] = boxes.subarray(4 * row, 4 * row + 4) as unknown as [
    number,
    number,
    number,
    number,
  ];
  const centreX = x + dx * centreVariance * width;
  const centreY = y + dy * centreVariance * height;
  const halfWidth = (width * Math.exp(dw * sizeVariance)) / 2;
  const halfHeight = (height * Math.exp(dh * sizeVariance)) / 2;
  return {
    left: centreX - halfWidth,
    top: centreY - halfHeight,
    right: centreX + halfWidth,
    bottom: centreY + halfHeight,
  };
}

function createPriors(): Float32Array {
  const rows: number[] = [];
  mapSizes.forEach((cells, map) => {
    const cell = ssdInputSize / cells;
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (const { scale, aspect } of shapesOf(map)) {
          const side = scale * ssdInputSize;
          const root = Math.sqrt(aspect);
          rows.push((column + 0.5) * cell, (row + 0.5) * cell, side * root, side / root);
        }
      }
    }
  });
  return Float32Array.from(rows);
}

/** The shapes of a map's priors, in the order of the network's outputs; aspect is width / height. */
function shapesOf(map: number): { scale: number; aspect: number }[] {
  const scale = lowestScale + scaleStep * map;
  if (map === 0) {
    return [
      { scale: scale / 2, aspect: 1 },
      { scale, aspect: 2 },
      { scale, aspect: 0.5 },
    ];
  }
  const nextScale = map + 1 < mapSizes.length ? scale + scaleStep : 1;
  return [
    { scale, aspect: 1 },
    { scale: Math.sqrt(scale * nextScale), aspect: 1 },
    { scale, aspect: 2 },
    { scale, aspect: 0.5 },
    { scale, aspect: 3 },
    { scale, aspect: 0.3333 },
  ];
}
