import { expect, test } from 'vitest';
import { averageFace, headPose, pictureRoll } from '../../src/face/head-pose.ts';
import type { Point } from '../../src/image/geometry.ts';

const radians = Math.PI / 180;

/** The average face as a camera far away sees it: nodded, then turned, then rolled; plus noise. */
function project(yaw: number, pitch: number, roll: number, noise = () => 0): Point[] {
  const points: Point[] = Array.from({ length: 68 }, () => ({ x: Number.NaN, y: Number.NaN }));
  for (const [landmark, [x, y, z]] of averageFace) {
    const [a, b, c] = [yaw * radians, pitch * radians, roll * radians];
    // The face looks along -z: nodding upwards moves that towards -y, turning right towards +x.
    const nodded = { x, y: y * Math.cos(b) + z * Math.sin(b), z: z * Math.cos(b) - y * Math.sin(b) };
    const turned = { x: nodded.x * Math.cos(a) - nodded.z * Math.sin(a), y: nodded.y };
    points[landmark] = {
      x: 100 + 8 * (turned.x * Math.cos(c) - turned.y * Math.sin(c)) + noise(),
      y: 90 + 8 * (turned.x * Math.sin(c) + turned.y * Math.cos(c)) + noise(),
    };
  }
  return points;
}

const angles = [-50, -30, -10, 0, 20, 45];
const poses = angles.flatMap((yaw) =>
  angles.flatMap((pitch) => [-170, -60, 0, 35].map((roll) => ({ yaw, pitch, roll }))),
);

test('the pose of a projected average face is found exactly', () => {
  for (const pose of poses) {
    const found = headPose(project(pose.yaw, pose.pitch, pose.roll));
    expect(found.yaw).toBeCloseTo(pose.yaw, 6);
    expect(found.pitch).toBeCloseTo(pose.pitch, 6);
    expect(found.roll).toBeCloseTo(pose.roll, 6);
  }
});

test('two pixels of noise on a face 70 pixels wide between the eyes cost a few degrees', () => {
  // Sums of uniform numbers of a linear congruential generator: the same noise in every run.
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const noise = () => 2 * Math.sqrt(4) * (uniform() + uniform() + uniform() - 1.5);
  const errors = { yaw: 0, pitch: 0, roll: 0 };
  for (const pose of poses) {
    const found = headPose(project(pose.yaw, pose.pitch, pose.roll, noise));
    for (const axis of ['yaw', 'pitch', 'roll'] as const) {
      errors[axis] += Math.abs(((found[axis] - pose[axis] + 540) % 360) - 180) / poses.length;
    }
  }
  expect(errors.yaw).toBeLessThan(6);
  expect(errors.pitch).toBeLessThan(6);
  expect(errors.roll).toBeLessThan(3);
});

test('the roll in the picture is that of the chip in it and that of the face in the chip', () => {
  const quarter = { a: 0, b: 2, c: 0, d: -2, e: 0, f: 0 };
  expect(pictureRoll(5, quarter)).toBeCloseTo(95);
  expect(pictureRoll(100, quarter)).toBeCloseTo(-170);
});
