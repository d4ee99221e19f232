import { expect, test } from 'vitest';
import { Pace } from '../../runtimes/browser/page/pace.ts';
import type { JsonFace } from '../../runtimes/browser/page/service.ts';
import { Tracks } from '../../runtimes/browser/page/tracks.ts';

/** What is kept of the frames of a camera; no browser is needed for that. */

const face = (left: number, more: Partial<JsonFace> = {}): JsonFace => ({
  bbox: { left, top: 0, right: left + 100, bottom: 100 },
  detection_score: 0.9,
  ...more,
});
const lefts = (tracks: Tracks) => tracks.faces.map(({ bbox }) => bbox.left);

test('faces keep their places while they move, whatever order they are found in', () => {
  const tracks = new Tracks();
  tracks.find([face(0), face(300)]);
  tracks.find([face(320), face(20)]);
  expect(lefts(tracks)).toEqual([20, 320]);
  tracks.find([face(600), face(340), face(40)]);
  expect(lefts(tracks)).toEqual([40, 340, 600]);
});

test('a description stays with its face, and its landmarks go with the box', () => {
  const tracks = new Tracks();
  const nose = { x: 50, y: 50 };
  const landmarks = {
    left_eye: nose,
    right_eye: nose,
    nose,
    left_mouth: nose,
    right_mouth: nose,
    all: [nose],
  };
  tracks.find([face(0), face(300)]);
  // Of a frame a moment ago.
  tracks.describe([face(290, { age: 40 }), face(-10, { age: 20, landmarks, detection_score: 0.5 })]);
  tracks.find([face(330), face(30)]);
  expect(tracks.faces.map(({ age }) => age)).toEqual([20, 40]);
  expect(tracks.faces[0]).toMatchObject({ detection_score: 0.9, landmarks: { nose: { x: 90, y: 50 } } });
  expect(tracks.faces[0]!.landmarks!.all).toEqual([{ x: 90, y: 50 }]);
});

test('a face that is lost for a moment comes back as it was, one that is gone does not', () => {
  const tracks = new Tracks();
  tracks.find([face(0)]);
  tracks.describe([face(0, { age: 20 })]);
  tracks.find([]);
  expect(tracks.faces).toEqual([]);
  tracks.find([face(5)]);
  expect(tracks.faces.map(({ age }) => age)).toEqual([20]);
  for (let answer = 0; answer < 20; answer++) tracks.find([]);
  tracks.find([face(5)]);
  expect(tracks.faces.map(({ age }) => age)).toEqual([undefined]);
});

test('the pace is that of the last two seconds', () => {
  const pace = new Pace();
  expect(pace.count(2, 10, 0)).toBeUndefined();
  expect(pace.count(2, 25, 500)).toEqual({ faces: 4, looks: 2, frames: 30 });
  expect(pace.count(3, 100, 3_000)).toBeUndefined();
  expect(pace.count(1, 130, 4_000)).toEqual({ faces: 1, looks: 1, frames: 30 });
});
