import { describe, expect, test } from 'vitest';
import { createConfirmedDetector } from '../../src/detect/confirm.ts';
import type { DetectorNetwork } from '../../src/detect/look.ts';
import type { Box } from '../../src/image/geometry.ts';
import { createRaster } from '../../src/image/raster.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import type { Tensor } from '../../src/nn/network.ts';

// Fake networks, each read as a BlazeFace: they do not look at pixels but answer as a test lays down.
// What is tested is how looks follow one another, and how their answers become a confidence.

/** A face that a fake network sees: a square around a point, in input pixels. */
interface Seen {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly confidence: number;
  /** How many anchors see it, at most 8; default: all. */
  readonly anchors?: number;
}

/** What a fake network sees in an image of a batch. */
type Answer = (width: number, height: number, index: number) => readonly Seen[];

class FakeNetwork {
  /** Width, height and number of the images of each forward pass. */
  readonly passes: [width: number, height: number, count: number][] = [];
  readonly model: DetectorNetwork;

  constructor(answer: Answer) {
    const run = async ({ image }: Readonly<Record<string, Tensor>>) => {
      const [count, , height, width] = image!.shape as [number, number, number, number];
      this.passes.push([width, height, count]);
      const outputs = emptyOutputs(count, width, height);
      for (let index = 0; index < count; index++)
        for (const seen of answer(width, height, index)) write(outputs, seen, index, width, height);
      return outputs;
    };
    this.model = {
      family: 'blazeface',
      network: { inputNames: ['image'], outputNames: [], runsOn: 'a test', run, close: async () => {} },
      input: {
        name: 'image',
        layout: 'NCHW',
        order: 'RGB',
        mean: 0,
        scale: 1,
        size: { multipleOf: 32 },
      },
    };
  }

  /** Passes over images of one size alone. */
  looks(side: number): number {
    return this.passes.reduce(
      (sum, [width, height, count]) => sum + (width === side && height === side ? count : 0),
      0,
    );
  }
}

const cellsOf = (stride: number, width: number, height: number) =>
  Math.ceil(width / stride) * Math.ceil(height / stride);

function emptyOutputs(count: number, width: number, height: number): Record<string, Tensor> {
  const tensor = (rows: number, values: number, value: number): Tensor => ({
    shape: [count, rows, values],
    data: new Float32Array(count * rows * values).fill(value),
  });
  const [fine, coarse] = [2 * cellsOf(16, width, height), 6 * cellsOf(32, width, height)];
  return {
    logits16: tensor(fine, 1, -20),
    logits32: tensor(coarse, 1, -20),
    boxes16: tensor(fine, 16, 0),
    boxes32: tensor(coarse, 16, 0),
  };
}

/** Puts a face at both anchors of its cell of 16 pixels, and at the six of its cell of 32. */
function write(
  { logits16, boxes16, logits32, boxes32 }: Record<string, Tensor>,
  { x, y, size, confidence, anchors = 8 }: Seen,
  index: number,
  width: number,
  height: number,
): void {
  for (let anchor = 0; anchor < anchors; anchor++) {
    const fine = anchor < 2;
    const [stride, perCell] = fine ? [16, 2] : [32, 6];
    const [column, row] = [Math.floor(x / stride), Math.floor(y / stride)];
    const cell = index * cellsOf(stride, width, height) + row * Math.ceil(width / stride) + column;
    const place = perCell * cell + (fine ? anchor : anchor - 2);
    (fine ? logits16 : logits32)!.data[place] = Math.log(confidence / (1 - confidence));
    const box = [x - (column + 0.5) * stride, y - (row + 0.5) * stride, size, size];
    (fine ? boxes16 : boxes32)!.data.set(box, 16 * place);
  }
}

/** Sees a face in the middle of every image of a side, as large as close looks show it. */
const closely =
  (confidences: Readonly<Record<number, number>>): Answer =>
  (width, height) => {
    const confidence = width === height ? confidences[width] : undefined;
    const size = { 48: 28, 96: 48, 160: 80, 112: 51.2, 144: 102.4 }[width]!;
    return confidence === undefined ? [] : [{ x: width / 2, y: height / 2, size, confidence }];
  };

const [pictureWidth, pictureHeight] = [1280, 960];
const picture = rasterPicture(createRaster(pictureWidth, pictureHeight));
const region: Box = { left: 0, top: 0, right: pictureWidth, bottom: pictureHeight };

/** Half of the picture's size, with a margin of 16 and sides of multiples of 32: what the scan sees. */
const scanSize = [672, 512];

/** A scan that sees faces at points of the picture, and what it says of each when it looks again. */
const scanning =
  (
    points: readonly (readonly [x: number, y: number])[],
    size: number,
    afar: number,
    again: number,
    anchors = 8,
  ): Answer =>
  (width, height, index) =>
    width === scanSize[0]
      ? points.map(([x, y]) => ({ x: x / 2 + 16, y: y / 2 + 16, size: size / 2, confidence: afar, anchors }))
      : closely({ 48: again })(width, height, index);

function detectorOf(scan: FakeNetwork, scout: FakeNetwork, judge: FakeNetwork, minConfidence = 0.1) {
  return createConfirmedDetector(
    { scan: scan.model, scout: scout.model, judge: judge.model },
    { minConfidence, faces: { least: 30, most: Number.POSITIVE_INFINITY } },
  );
}

const nobody = () => new FakeNetwork(() => []);

/** A weighted geometric mean. */
const mean = (...terms: readonly (readonly [probability: number, weight: number])[]) =>
  Math.exp(
    terms.reduce((sum, [probability, weight]) => sum + weight * Math.log(probability), 0) /
      terms.reduce((sum, [, weight]) => sum + weight, 0),
  );

describe('with fake networks, a find of the scan', () => {
  test('is looked at by each network in turn; its confidence is their weighted geometric mean', async () => {
    const scan = new FakeNetwork(scanning([[400, 300]], 60, 0.1, 0.7));
    const scout = new FakeNetwork(closely({ 96: 0.8 }));
    const judge = new FakeNetwork(closely({ 112: 0.9 }));
    const found = await detectorOf(scan, scout, judge).detect(picture, region);
    expect(found).toHaveLength(1);
    expect(found[0]!.confidence).toBeCloseTo(mean([0.7, 1], [0.8, 1], [0.9, 2]), 5);
    expect((found[0]!.box.left + found[0]!.box.right) / 2).toBeCloseTo(400, 3);
    expect(found[0]!.sixPoints).toHaveLength(6);
    expect(scan.passes).toEqual([
      [...scanSize, 1],
      [48, 48, 1],
    ]);
    // One pass over all of the picture comes before the close look.
    expect(scout.passes).toEqual([
      [160, 128, 1],
      [96, 96, 1],
    ]);
    expect(judge.passes).toEqual([[112, 112, 1]]);
  });

  test('that is none at a second glance is shown to no other network', async () => {
    const scan = new FakeNetwork(scanning([[400, 300]], 60, 0.9, 0.11));
    const [scout, judge] = [new FakeNetwork(closely({ 96: 0.8 })), new FakeNetwork(closely({ 112: 0.9 }))];
    expect(await detectorOf(scan, scout, judge).detect(picture, region)).toEqual([]);
    expect(scout.looks(96)).toBe(0);
    expect(judge.passes).toEqual([]);
  });

  test('that few anchors see is not looked at again; of a tiny one fewer will do', async () => {
    const looks = async (size: number, anchors: number) => {
      const scan = new FakeNetwork(scanning([[400, 300]], size, 0.9, 0.9, anchors));
      await detectorOf(scan, nobody(), nobody()).detect(picture, region);
      return scan.looks(48);
    };
    expect([await looks(60, 5), await looks(60, 6), await looks(32, 2), await looks(32, 3)]).toEqual([
      0, 1, 0, 1,
    ]);
  });

  test('of which the first two looks are in doubt is not judged', async () => {
    const scan = new FakeNetwork(scanning([[400, 300]], 60, 0.9, 0.13));
    const judge = new FakeNetwork(closely({ 112: 0.99 }));
    const found = detectorOf(scan, new FakeNetwork(closely({ 96: 0.3 })), judge, 0.35);
    expect(await found.detect(picture, region)).toEqual([]);
    expect(judge.passes).toEqual([]);
  });

  test('that the scout denies is not judged', async () => {
    const scan = new FakeNetwork(scanning([[400, 300]], 60, 0.9, 0.9));
    const judge = new FakeNetwork(closely({ 112: 0.9 }));
    expect(
      await detectorOf(scan, new FakeNetwork(closely({ 96: 0.05 })), judge).detect(picture, region),
    ).toEqual([]);
    expect(judge.passes).toEqual([]);
  });

  test('that the judge does not see keeps the box of the scout, and little confidence', async () => {
    const scan = new FakeNetwork(scanning([[400, 300]], 60, 0.9, 0.6));
    const found = await detectorOf(scan, new FakeNetwork(closely({ 96: 0.6 })), nobody()).detect(
      picture,
      region,
    );
    expect(found).toHaveLength(1);
    expect(found[0]!.confidence).toBeCloseTo(mean([0.6, 1], [0.6, 1], [0.02, 2]), 5);
  });

  test('that the judge alone doubts is judged once more, and the surer judgement counts', async () => {
    const scan = new FakeNetwork(scanning([[400, 300]], 60, 0.9, 0.9));
    const judge = new FakeNetwork(closely({ 112: 0.3, 144: 0.6 }));
    const found = await detectorOf(scan, new FakeNetwork(closely({ 96: 0.9 })), judge).detect(
      picture,
      region,
    );
    expect(judge.passes).toEqual([
      [112, 112, 1],
      [144, 144, 1],
    ]);
    expect(found[0]!.confidence).toBeCloseTo(mean([0.9, 1], [0.9, 1], [0.6, 2]), 5);
  });

  test('below the least confidence is not reported', async () => {
    const networks = () =>
      [
        new FakeNetwork(scanning([[400, 300]], 60, 0.9, 0.5)),
        new FakeNetwork(closely({ 96: 0.5 })),
        new FakeNetwork(closely({ 112: 0.5 })),
      ] as const;
    expect(await detectorOf(...networks(), 0.51).detect(picture, region)).toEqual([]);
    expect(await detectorOf(...networks(), 0.49).detect(picture, region)).toHaveLength(1);
  });
});

test('with fake networks, the finds of a picture are looked at in one batch', async () => {
  const points = [
    [200, 200],
    [600, 200],
    [1000, 700],
  ] as const;
  const scan = new FakeNetwork(scanning(points, 60, 0.5, 0.7));
  const [scout, judge] = [new FakeNetwork(closely({ 96: 0.8 })), new FakeNetwork(closely({ 112: 0.9 }))];
  expect(await detectorOf(scan, scout, judge).detect(picture, region)).toHaveLength(3);
  expect(scan.passes.at(-1)).toEqual([48, 48, 3]);
  expect(scout.passes.at(-1)).toEqual([96, 96, 3]);
  expect(judge.passes).toEqual([[112, 112, 3]]);
});

test('with fake networks, a texture in which the scan finds everything costs no more than so many looks', async () => {
  const points = Array.from(
    { length: 300 },
    (_, index) => [64 * (index % 20), 64 * Math.floor(index / 20)] as const,
  );
  const scan = new FakeNetwork(scanning(points, 30, 0.08, 0.05));
  expect(await detectorOf(scan, nobody(), nobody()).detect(picture, region)).toEqual([]);
  expect(scan.looks(48)).toBeGreaterThan(96);
  expect(scan.looks(48)).toBeLessThan(140);
});

test('with fake networks, what the scan does not see is found by the pass over the whole picture', async () => {
  // At 127 of 1280 pixels, with a margin of 16.
  const pass: Answer = (width, height, index) =>
    width === 160 && height === 128
      ? [{ x: 80, y: 64, size: 30, confidence: 0.9 }]
      : closely({ 96: 0.8 })(width, height, index);
  const scan = nobody();
  const found = await detectorOf(scan, new FakeNetwork(pass), new FakeNetwork(closely({ 112: 0.9 }))).detect(
    picture,
    region,
  );
  expect(found).toHaveLength(1);
  expect(found[0]!.confidence).toBeCloseTo(mean([0.9, 1], [0.8, 1], [0.9, 2]), 5);
  expect(scan.looks(48)).toBe(0);
});

test('with fake networks, a face that fills the picture is looked at in more pixels, and the judge counts less', async () => {
  const pass: Answer = (width, height, index) =>
    width === 160 && height === 128
      ? [{ x: 80, y: 64, size: 90, confidence: 0.8 }]
      : closely({ 160: 0.7 })(width, height, index);
  const scout = new FakeNetwork(pass);
  const found = await detectorOf(nobody(), scout, new FakeNetwork(closely({ 112: 0.6 }))).detect(
    picture,
    region,
  );
  expect(scout.looks(160)).toBe(1);
  expect(scout.looks(96)).toBe(0);
  expect(found).toHaveLength(1);
  expect(found[0]!.confidence).toBeCloseTo(mean([0.8, 1], [0.7, 1], [0.6, 0.75]), 5);
});
