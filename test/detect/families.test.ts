import { expect, test } from 'vitest';
import { blazeface } from '../../src/detect/blazeface.ts';
import type { DetectorFamily } from '../../src/detect/detector.ts';
import { scrfd } from '../../src/detect/scrfd.ts';
import { ssdMobilenet } from '../../src/detect/ssd-mobilenet.ts';
import { ultraLight } from '../../src/detect/ultra-light.ts';
import { yunet } from '../../src/detect/yunet.ts';
import type { Tensor } from '../../src/nn/network.ts';

// Outputs made by hand for one face, from the formulas of each family's publication.

const zeros = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

const size = { width: 96, height: 64 };

function only(family: DetectorFamily, outputs: Record<string, Tensor>) {
  expect(family.decode(outputs, size, 0.9).count).toBe(0);
  const found = family.decode(outputs, size, 0.5).all();
  expect(found).toHaveLength(1);
  return found[0]!;
}

test('yunet: geometric mean of two probabilities, centre and size of a cell in strides', () => {
  const outputs: Record<string, Tensor> = {};
  for (const stride of [8, 16, 32]) {
    const cells = (size.width / stride) * (size.height / stride);
    outputs[`cls_${stride}`] = zeros(1, cells, 1);
    outputs[`obj_${stride}`] = zeros(1, cells, 1);
    outputs[`bbox_${stride}`] = zeros(1, cells, 4);
    outputs[`kps_${stride}`] = zeros(1, cells, 10);
  }
  const cell = 1 * 6 + 4; // row 1, column 4 at stride 16
  outputs.cls_16!.data[cell] = 0.9;
  outputs.obj_16!.data[cell] = 0.4;
  outputs.bbox_16!.data.set([0.5, -0.25, Math.log(2), Math.log(3)], 4 * cell);
  outputs.kps_16!.data.set([-0.5, 0, 0.5, 0, 0, 0.25, -0.25, 0.5, 0.25, 0.5], 10 * cell);

  const { box, confidence, points } = only(yunet, outputs);
  expect(confidence).toBeCloseTo(0.6, 6);
  expect(box.left).toBeCloseTo(72 - 16, 4);
  expect(box.right).toBeCloseTo(72 + 16, 4);
  expect(box.top).toBeCloseTo(12 - 24, 4);
  expect(box.bottom).toBeCloseTo(12 + 24, 4);
  expect(points).toEqual([
    { x: 56, y: 16 },
    { x: 72, y: 16 },
    { x: 64, y: 20 },
    { x: 60, y: 24 },
    { x: 68, y: 24 },
  ]);
});

test('scrfd: distances of the edges from one of two anchors on a corner of the cell', () => {
  const perStride = (values: number) =>
    [8, 16, 32].map((stride) => zeros(2 * (size.width / stride) * (size.height / stride), values));
  const tensors = [...perStride(1), ...perStride(4), ...perStride(10)];
  const outputs = Object.fromEntries(tensors.map((tensor, index) => [`out${index}`, tensor]));
  const anchor = 2 * (2 * 3 - 2) + 1; // second anchor of row 1, column 1 at stride 32
  outputs.out2!.data[anchor] = 0.75;
  outputs.out5!.data.set([0.5, 1, 0.75, 0.25], 4 * anchor);
  outputs.out8!.data.set([-0.25, 0, 0.25, 0, 0, 0.125, -0.125, 0.25, 0.125, 0.25], 10 * anchor);

  expect(only(scrfd, outputs)).toEqual({
    box: { left: 16, top: 0, right: 56, bottom: 40 },
    confidence: 0.75,
    points: [
      { x: 24, y: 32 },
      { x: 40, y: 32 },
      { x: 32, y: 36 },
      { x: 28, y: 40 },
      { x: 36, y: 40 },
    ],
  });
});

test('blazeface: logits, and boxes in input pixels around the centre of the cell', () => {
  const outputs = {
    Identity: zeros(1, 2 * 6 * 4, 1),
    Identity_1: zeros(1, 6 * 3 * 2, 1),
    Identity_2: zeros(1, 2 * 6 * 4, 16),
    Identity_3: zeros(1, 6 * 3 * 2, 16),
  };
  outputs.Identity.data.fill(-10);
  outputs.Identity_1.data.fill(-10);
  const anchor = 6 * (1 * 3 + 2) + 5; // last anchor of row 1, column 2 at stride 32
  outputs.Identity_1.data[anchor] = Math.log(3);
  outputs.Identity_3.data.set([-4, 2, 20, 24, -9, -3, 1, -3, -4, 1, -4, 6, -14, -1, 6, -1], 16 * anchor);

  const { box, confidence, sixPoints } = only(blazeface, outputs);
  expect(confidence).toBeCloseTo(0.75, 6);
  expect(box).toEqual({ left: 66, top: 38, right: 86, bottom: 62 });
  expect(sixPoints).toEqual([
    { x: 71, y: 45 },
    { x: 81, y: 45 },
    { x: 76, y: 49 },
    { x: 76, y: 54 },
    { x: 66, y: 47 },
    { x: 86, y: 47 },
  ]);
});

test('ultra-light: logits, and boxes as offsets from square priors', () => {
  const outputs: Record<string, Tensor> = {};
  for (const [stride, priors] of [
    [8, 3],
    [16, 2],
    [32, 2],
    [64, 3],
  ] as const) {
    const count = priors * Math.ceil(size.width / stride) * Math.ceil(size.height / stride);
    outputs[`logits_${stride}`] = zeros(1, count, 1);
    outputs[`logits_${stride}`]!.data.fill(-10);
    outputs[`boxes_${stride}`] = zeros(1, count, 4);
  }
  const prior = 2 * (1 * 6 + 4) + 1; // of 48 pixels, row 1, column 4 at stride 16
  outputs.logits_16!.data[prior] = Math.log(3);
  outputs.boxes_16!.data.set([2.5, -1.25, 5 * Math.log(0.5), 5 * Math.log(0.75)], 4 * prior);

  const found = only(ultraLight, outputs);
  const { box, confidence } = found;
  expect(confidence).toBeCloseTo(0.75, 6);
  expect(box.left).toBeCloseTo(72 + 12 - 12, 4);
  expect(box.right).toBeCloseTo(72 + 12 + 12, 4);
  expect(box.top).toBeCloseTo(24 - 6 - 18, 4);
  expect(box.bottom).toBeCloseTo(24 - 6 + 18, 4);

  // The same where two cells are told of alone, and of other maps none.
  const some = Object.entries(outputs).map(([name, { data, shape }]) => {
    const cells = name.endsWith('_16') ? [2, 1 * 6 + 4] : [];
    const length = shape[2]! * 2;
    const rows = cells.flatMap((cell) => [...data.subarray(cell * length, (cell + 1) * length)]);
    const shapeOfRows = [1, 2 * cells.length, shape[2]!];
    return [name, { data: Float32Array.from(rows), shape: shapeOfRows, cells: Int32Array.from(cells) }];
  });
  expect(only(ultraLight, Object.fromEntries(some))).toEqual(found);
});

test.each([
  ['yunet', yunet, /output cls_8 of 96 values, found none/],
  ['scrfd', scrfd, /9 outputs, found 0/],
  ['blazeface', blazeface, /output of 1×48×1/],
  ['ultra-light', ultraLight, /output logits_8 of 288 values, found none/],
])('%s: outputs of another network are refused with what is missing', (_, family, message) => {
  expect(() => family.decode({}, size, 0.5)).toThrow(message);
});

test('ssd-mobilenet: outputs that do not fit are told of by their names', () => {
  // 6 columns and 4 rows of three shapes at stride 16.
  const finest = { boxes_16: zeros(1, 72, 4), scores_16: zeros(1, 72) };
  expect(ssdMobilenet.smallest!.decode(finest, size, 0.5).count).toBe(0);
  expect(() => ssdMobilenet.smallest!.decode({ ...finest, scores_16: zeros(1, 71) }, size, 0.5)).toThrow(
    'boxes_16 [1,72,4] and scores_16 [1,72] at 96×64, found [1,72,4] and [1,71]',
  );
  expect(() => ssdMobilenet.decode(finest, size, 0.5)).toThrow(
    /boxes \[1,\d+,4\] and scores .*none and none/,
  );
});
