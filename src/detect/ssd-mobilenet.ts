import { type Box, boxAround } from '../image/geometry.ts';
import type { Tensors } from '../nn/items.ts';
import type { Tensor } from '../nn/network.ts';
import type { DetectorFamily } from './detector.ts';
import { Sightings } from './sightings.ts';

/** Strides of the feature maps in input pixels. */
const strides = [16, 32, 64, 128, 256, 512] as const;

/** Some of the feature maps, and what the outputs of their boxes and scores are called. */
interface Maps {
  readonly strides: readonly number[];
  readonly outputs: readonly [boxes: string, scores: string];
}

const allMaps: Maps = { strides, outputs: ['boxes', 'scores'] };
const finestMap: Maps = { strides: [16], outputs: ['boxes_16', 'scores_16'] };

/**
 * SSD MobileNetV1 as TensorFlow's detection API trains it. The priors follow from its
 * `ssd_anchor_generator` (scales 0.2 to 0.95 over six feature maps, the lowest reduced); at
 * 512×512 they equal the ones stored beside the weights. The network is convolutional: on inputs
 * of other sizes the priors keep their size in pixels. Outputs are `boxes` ([1, priors, 4]: offsets
 * of centre y and x, logarithms of height and width) and `scores` ([1, priors]: probabilities), the
 * priors in the order map, row, column, shape. Those of the finest map alone may be outputs too: `boxes_16` and
 * `scores_16`.
 */
export const ssdMobilenet: DetectorFamily = {
  reliable: { least: 28, most: 256 },
  confidence: 0.5,

  decode: (outputs, size, threshold) => checkedAndDecoded(outputs, allMaps, size, threshold),
  smallest: {
    outputs: finestMap.outputs,
    decode: (outputs, size, threshold) => checkedAndDecoded(outputs, finestMap, size, threshold),
  },
};

function checkedAndDecoded(
  outputs: Tensors,
  { outputs: names, strides }: Maps,
  { width, height }: { readonly width: number; readonly height: number },
  threshold: number,
): Sightings {
  const priors = priorCount(width, height, strides);
  const [boxes, scores] = names.map((name) => outputs[name]);
  if (boxes?.data.length !== 4 * priors || scores?.data.length !== priors) {
    const found = (tensor: Tensor | undefined) => (tensor ? `[${tensor.shape}]` : 'none');
    throw new TypeError(
      `an SSD MobileNet has the outputs ${names[0]} [1,${priors},4] and ${names[1]} [1,${priors}] at ` +
        `${width}×${height}, found ${found(boxes)} and ${found(scores)}`,
    );
  }
  return decodeSsd({ boxes: boxes.data, scores: scores.data }, width, height, threshold, strides);
}

/** The input that the priors' scales are shares of, in pixels. */
const trainedSize = 512;

const lowestScale = 0.2;
const scaleStep = 0.15;

/** Factors of the regression's offsets, as in training. */
const centreVariance = 0.1;
const sizeVariance = 0.2;

/** The shapes of each map's priors in input pixels, in the order of the network's outputs. */
const shapesOfMaps = strides.map((_, map) => shapesOf(map));

/** Raw outputs of one picture for some maps: a row for each map, row, column and shape, in this order. */
export interface SsdOutput {
  /** 4 numbers a row: offsets of centre y and x, logarithms of height and width. */
  readonly boxes: Float32Array;
  /** The probability of a face, 0 to 1, one a row. */
  readonly scores: Float32Array;
}

/**
 * What is seen of faces in the network's raw output, in input pixels.
 *
 * @param width size of the input in pixels
 * @param threshold least confidence, 0 to 1
 * @param ofMaps strides of the maps that are there, the finest first
 */
export function decodeSsd(
  { boxes, scores }: SsdOutput,
  width: number,
  height: number,
  threshold: number,
  ofMaps: readonly number[] = strides,
): Sightings {
  const seen = new Sightings();
  let row = 0;
  for (const [map, stride] of ofMaps.entries()) {
    const shapes = shapesOfMaps[map]!;
    const columns = Math.ceil(width / stride);
    const cells = columns * Math.ceil(height / stride);
    for (let cell = 0; cell < cells; cell++) {
      for (const shape of shapes) {
        const confidence = scores[row]!;
        if (confidence >= threshold) {
          const centreX = ((cell % columns) + 0.5) * stride;
          const centreY = (Math.floor(cell / columns) + 0.5) * stride;
          seen.add(decodeBox(boxes, row, centreX, centreY, shape), confidence);
        }
        row++;
      }
    }
  }
  return seen;
}

function priorCount(width: number, height: number, ofMaps: readonly number[]): number {
  return ofMaps.reduce(
    (sum, stride, map) =>
      sum + Math.ceil(width / stride) * Math.ceil(height / stride) * shapesOfMaps[map]!.length,
    0,
  );
}

interface PriorSize {
  readonly width: number;
  readonly height: number;
}

function decodeBox(boxes: Float32Array, row: number, priorX: number, priorY: number, prior: PriorSize): Box {
  const x = priorX + boxes[4 * row + 1]! * centreVariance * prior.width;
  const y = priorY + boxes[4 * row]! * centreVariance * prior.height;
  const width = prior.width * Math.exp(boxes[4 * row + 3]! * sizeVariance);
  const height = prior.height * Math.exp(boxes[4 * row + 2]! * sizeVariance);
  return boxAround(x, y, width, height);
}

function shapesOf(map: number): PriorSize[] {
  const scale = lowestScale + scaleStep * map;
  const nextScale = map + 1 < strides.length ? scale + scaleStep : 1;
  const shape = (share: number, aspect: number): PriorSize => ({
    width: share * trainedSize * Math.sqrt(aspect),
    height: (share * trainedSize) / Math.sqrt(aspect),
  });
  if (map === 0) return [shape(scale / 2, 1), shape(scale, 2), shape(scale, 0.5)];
  return [
    shape(scale, 1),
    shape(Math.sqrt(scale * nextScale), 1),
    shape(scale, 2),
    shape(scale, 0.5),
    shape(scale, 3),
    shape(scale, 0.3333),
  ];
}
