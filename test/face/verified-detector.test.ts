import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Detection, Detector } from '../../src/detect/detector.ts';
import { alignments } from '../../src/face/align.ts';
import { createVerifiedDetector } from '../../src/face/verified-detector.ts';
import type { Box } from '../../src/image/geometry.ts';
import type { Picture } from '../../src/image/picture.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import type { ImageNetwork } from '../../src/nn/batch.ts';
import { faces } from '../models/photographs.ts';
import { loadMesh } from './mesh-network.ts';
import { photograph } from './photographs.ts';

let mesh: ImageNetwork;
let looks = 0;
let picture: Picture;

beforeAll(async () => {
  const { network, input } = await loadMesh();
  const run: typeof network.run = (inputs) => {
    looks += inputs[input.name]!.shape[0]!;
    return network.run(inputs);
  };
  mesh = { network: { ...network, run }, input };
  picture = rasterPicture(await photograph('sample1.jpg'));
});
afterAll(() => mesh.network.close());

const side = 230;
/** A square of that side. */
const around = (x: number, y: number) => ({
  left: x - side / 2,
  top: y - side / 2,
  right: x + side / 2,
  bottom: y + side / 2,
});

const [{ x, y }] = faces;
const face = around(x, y);
/** Foliage and sky beside the people. */
const nothing = around(150, 150);

/** A detector that is as sure of something as of the other. */
const saying = (confidence: number): Detector => ({
  detect: async () => [nothing, face].map((box) => ({ box, confidence })),
});

const whole = () => ({ left: 0, top: 0, right: picture.width, bottom: picture.height });
/** A region that both fill. */
const filled = { left: 0, top: 0, right: 400, bottom: 400 };
const verified = (confidence: number, minConfidence: number, region: Box = whole()) =>
  createVerifiedDetector(saying(confidence), async () => mesh, minConfidence).detect(picture, region);

test('of two equally likely finds that fill the region, the one that shows a face is reported', async () => {
  const found = await verified(0.5, 0.33, filled);
  expect(found.map(({ box }) => box)).toEqual([face]);
  const [sure, doubted] = await verified(0.5, 0.01, filled);
  expect(sure!.box).toEqual(face);
  expect(doubted!.confidence).toBeLessThan(0.1 * sure!.confidence);
});

test('in their surroundings the detector decides, and the mesh network between equals', async () => {
  expect((await verified(0.9, 0.35)).map(({ box }) => box)).toEqual([face, nothing]);
  expect((await verified(0.5, 0.35)).map(({ box }) => box)).toEqual([face]);
});

test('what is doubted is looked at twice, what cannot be reported never', async () => {
  // A look at the box of each comes first, since this detector knows no points.
  looks = 0;
  await verified(0.9, 0.33, filled);
  expect(looks).toBe(5);
  looks = 0;
  await verified(0.9, 0.33);
  expect(looks).toBe(4);
  looks = 0;
  await verified(0.3, 0.33);
  expect(looks).toBe(0);
});

test('alignment does not look again at what was verified', async () => {
  const found = await verified(0.5, 0.33, filled);
  looks = 0;
  expect(await alignments(mesh, picture, found)).toHaveLength(1);
  expect(looks).toBe(0);
  const [{ box, confidence }] = found as [Detection];
  await alignments(mesh, picture, [{ box, confidence }]);
  expect(looks).toBe(2);
});
