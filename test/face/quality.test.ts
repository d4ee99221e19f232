import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alignedFaces } from '../../bench/aligned-faces.ts';
import type { AttributeName, Face } from '../../src/face/face.ts';
import { faceQuality } from '../../src/face/quality.ts';
import type { Picture } from '../../src/image/picture.ts';
import type { Raster } from '../../src/image/raster.ts';
import { rasterPicture } from '../../src/image/raster-picture.ts';
import { mirror, rotate } from '../../src/image/rotate.ts';
import type { Instance } from '../../src/pipeline/work.ts';
import { instanceLookingAt, photograph, samples } from './photographs.ts';

let picture: Picture;
let instance: Instance;
const photographs = new Map<string, Raster>();

beforeAll(async () => {
  instance = instanceLookingAt(() => picture);
  for (const { name } of samples) photographs.set(name, await photograph(name));
});
afterAll(() => instance.close());

async function facesOf(
  raster: Raster,
  detector: 'primary' | 'none' = 'primary',
  attributes: readonly AttributeName[] = ['quality', 'headPose', 'chip', 'landmarks'],
): Promise<readonly Face[]> {
  picture = rasterPicture(raster);
  const [outcome] = await instance.locate(new Uint8Array(), [{ detector, attributes }], () => {});
  return (await instance.describe(alignedFaces(outcome), attributes, () => {})).faces;
}

/** A sample, changed by sharp. */
async function changed({ width, height, data }: Raster, change: (image: Sharp) => Sharp) {
  const image = change(sharp(data, { raw: { width, height, channels: 3 } }));
  const { data: pixels, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(pixels) };
}

/** The face nearest to a place, given as shares of the picture's size. */
function nearest(faces: readonly Face[], raster: Raster, x: number, y: number): Face {
  const distance = ({ box }: Face) =>
    Math.hypot((box.left + box.right) / 2 - x * raster.width, (box.top + box.bottom) / 2 - y * raster.height);
  const [first, ...others] = faces;
  if (!first) throw new Error('no face was found');
  return others.reduce((best, face) => (distance(face) < distance(best) ? face : best), first);
}

const sample = (name: string) => photographs.get(name)!;
const quality = (face: Face) => face.quality!;

/** Every value less than the one before it. */
function expectFalling(values: readonly number[]): void {
  values.slice(1).forEach((value, index) => {
    expect(value, `step ${index + 1} of ${values.map((v) => v.toFixed(3))}`).toBeLessThan(values[index]!);
  });
}

test('sharp, frontal, upright faces lie just below 0', async () => {
  for (const name of ['sample3.jpg', 'sample6.jpg']) {
    for (const face of await facesOf(sample(name))) {
      expect(quality(face)).toBeGreaterThan(-0.5);
      expect(quality(face)).toBeLessThanOrEqual(0.01);
    }
  }
});

test('faces upside down that the detector still finds score -5 and less, one of them -3.5', async () => {
  const scores: number[] = [];
  for (const { name } of samples) {
    for (const face of await facesOf(rotate(sample(name), 2))) {
      expect(quality(face)).toBeLessThanOrEqual(-3.5);
      scores.push(quality(face));
    }
  }
  expect(scores.length).toBeGreaterThanOrEqual(5);
  expect(scores.filter((score) => score > -5).length).toBeLessThanOrEqual(1);
});

test('quality falls as faces are blurred, in the picture and in a prenormalised chip', async () => {
  const raster = sample('sample3.jpg');
  const blurred = await Promise.all([0, 2, 4, 6].map((s) => changed(raster, (p) => (s ? p.blur(s) : p))));
  const scores: Face[][] = [];
  for (const each of blurred) scores.push([...(await facesOf(each))]);
  for (const [x, y] of [
    [0.36, 0.35],
    [0.83, 0.32],
  ] as const) {
    expectFalling(scores.map((faces) => quality(nearest(faces, raster, x, y))));
  }
  const chip = nearest(scores[0]!, raster, 0.36, 0.35).chip!;
  const ofChips: number[] = [];
  for (const sigma of [0, 1, 2, 4, 6]) {
    const [face] = await facesOf(await changed(chip, (p) => (sigma ? p.blur(sigma) : p)), 'none');
    ofChips.push(quality(face!));
  }
  expect(ofChips[0]).toBeGreaterThan(-0.5);
  expectFalling(ofChips);
});

test('quality falls as faces get smaller', async () => {
  const raster = sample('sample6.jpg');
  const scores: number[] = [];
  for (const share of [1, 1 / 2, 1 / 4, 1 / 6]) {
    const small = await changed(raster, (p) => p.resize(Math.round(raster.width * share)));
    const faces = await facesOf(small);
    scores.push(quality(nearest(faces, small, 0.66, 0.29)));
  }
  expectFalling(scores);
});

test('turning the picture shifts roll by that angle, and quality falls with it', async () => {
  const raster = sample('sample6.jpg');
  const found: Face[] = [];
  for (const angle of [0, 15, 30, 45]) {
    const turned = await changed(raster, (p) => p.rotate(angle, { background: '#888' }));
    // Where a face right of the centre comes to lie.
    const radians = (angle * Math.PI) / 180;
    const x = 0.164 * raster.width * Math.cos(radians) + 0.211 * raster.height * Math.sin(radians);
    const y = 0.164 * raster.width * Math.sin(radians) - 0.211 * raster.height * Math.cos(radians);
    const faces = await facesOf(turned);
    found.push(nearest(faces, turned, 0.5 + x / turned.width, 0.5 + y / turned.height));
  }
  const roll = (face: Face) => face.headPose!.roll;
  found.forEach((face, index) => {
    expect(Math.abs(roll(face) - roll(found[0]!) - 15 * index)).toBeLessThan(5);
    expect(Math.abs(face.headPose!.yaw - found[0]!.headPose!.yaw)).toBeLessThan(6);
    expect(Math.abs(face.headPose!.pitch - found[0]!.headPose!.pitch)).toBeLessThan(6);
  });
  expectFalling(found.map(quality));
});

test('the mirror image of a chip has yaw and roll negated, the same pitch and the same quality', async () => {
  for (const { chip, headPose } of await facesOf(sample('sample4.jpg'))) {
    const [direct] = await facesOf(chip!, 'none');
    const [mirrored] = await facesOf(mirror(chip!), 'none');
    expect(Math.abs(headPose!.yaw)).toBeGreaterThan(10);
    expect(mirrored!.headPose!.yaw).toBeCloseTo(-direct!.headPose!.yaw, 0);
    expect(mirrored!.headPose!.pitch).toBeCloseTo(direct!.headPose!.pitch, 0);
    expect(mirrored!.headPose!.roll).toBeCloseTo(-direct!.headPose!.roll, 0);
    expect(mirrored!.quality).toBeCloseTo(direct!.quality!, 1);
  }
});

test('landmarks are those of the picture; yaw and pitch of a posted chip are those of its face', async () => {
  for (const face of await facesOf(sample('sample5.jpg'))) {
    const { five, all = [] } = face.landmarks!;
    expect(all).toHaveLength(68);
    // The jaw's may lie beside the box; eyes, nose and mouth do not, but for the nose of a face in profile.
    const slack = 0.1 * (face.box.right - face.box.left);
    for (const { x, y } of [...five, ...all.slice(17)]) {
      expect(x).toBeGreaterThan(face.box.left - slack);
      expect(x).toBeLessThan(face.box.right + slack);
      expect(y).toBeGreaterThan(face.box.top);
      expect(y).toBeLessThan(face.box.bottom);
    }
    const [leftEye, rightEye, nose, leftCorner, rightCorner] = five;
    expect(Math.max(leftEye.y, rightEye.y)).toBeLessThan(nose.y);
    expect(nose.y).toBeLessThan(Math.min(leftCorner.y, rightCorner.y));
    const [again] = await facesOf(face.chip!, 'none');
    expect(again!.headPose!.yaw).toBeCloseTo(face.headPose!.yaw, 4);
    expect(again!.headPose!.pitch).toBeCloseTo(face.headPose!.pitch, 4);
    // A chip is large and upright whatever its face was in the picture: neither costs it quality.
    expect(quality(again!)).toBeGreaterThan(quality(face) - 0.01);
  }
});

test('a chip without any detail is of no use, and its score is a number', async () => {
  const grey = { width: 224, height: 224, data: new Uint8Array(224 * 224 * 3).fill(128) };
  const [face] = await facesOf(grey, 'none');
  expect(quality(face!)).toBeLessThan(-5);
  expect(Number.isFinite(quality(face!))).toBe(true);
});

test('quality falls with yaw and pitch, and among the sample faces too', async () => {
  const all: Face[] = [];
  for (const { name } of samples) all.push(...(await facesOf(sample(name))));
  const [chip] = all.map((face) => face.chip!);
  const identity = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };
  const angles = [0, 10, 20, 30, 45, 60, 80];
  const straight = { yaw: 0, pitch: 0, roll: 0 };
  for (const axis of ['yaw', 'pitch', 'roll'] as const) {
    for (const sign of [-1, 1]) {
      const scores = angles.map((angle) =>
        faceQuality(chip!, identity, { ...straight, [axis]: sign * angle }, 0.03),
      );
      expectFalling(scores);
      expect(scores.at(-1)).toBeLessThanOrEqual(-5);
    }
  }
  const mean = (faces: readonly Face[]) => faces.reduce((sum, face) => sum + quality(face), 0) / faces.length;
  const turned = (face: Face) => Math.abs(face.headPose!.yaw);
  expect(mean(all.filter((face) => turned(face) > 18))).toBeLessThan(
    mean(all.filter((face) => turned(face) <= 18)) - 0.2,
  );
});
