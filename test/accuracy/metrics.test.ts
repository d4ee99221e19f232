import { describe, expect, it } from 'vitest';
import { matchDetections } from '../../bench/accuracy/match.ts';
import {
  acceptance,
  accuracy,
  areaUnderCurve,
  averagePrecision,
  meanAbsoluteError,
  meanRecall,
  recallAtFalsePositives,
} from '../../bench/accuracy/metrics.ts';
import { labelledFace, repeatBorder } from '../../bench/accuracy/one-face.ts';
import { drawPairs } from '../../bench/accuracy/pairs.ts';

const detection = (confidence: number, correct: boolean) => ({ confidence, correct });
const square = (left: number, top: number, side: number) => ({
  left,
  top,
  right: left + side,
  bottom: top + side,
});

describe('detection', () => {
  // Falling confidence: right, wrong, right, right; five faces. Precision 1, 1/2, 2/3, 3/4 at
  // recall 1/5, 1/5, 2/5, 3/5. The best precision at or beyond each recall: 1, then 3/4 twice.
  const detections = [
    detection(0.6, true),
    detection(0.9, true),
    detection(0.7, true),
    detection(0.8, false),
  ];

  it('integrates the best precision over recall', () => {
    expect(averagePrecision(detections, 5)).toBeCloseTo(1 / 5 + (2 / 5) * (3 / 4), 12);
  });

  it('is 1 where every face comes before every mistake, and 0 where nothing is right', () => {
    expect(averagePrecision([detection(0.9, true), detection(0.1, false)], 1)).toBe(1);
    expect(averagePrecision([detection(0.9, false)], 1)).toBe(0);
    expect(averagePrecision([], 3)).toBe(0);
  });

  it('quotes recall where no more false positives are let through than allowed', () => {
    expect(recallAtFalsePositives(detections, 5, 0)).toBeCloseTo(1 / 5, 12);
    expect(recallAtFalsePositives(detections, 5, 1)).toBeCloseTo(3 / 5, 12);
  });

  it('cannot separate detections of one confidence', () => {
    const tied = [detection(0.5, true), detection(0.5, false)];
    expect(recallAtFalsePositives(tied, 1, 0)).toBe(0);
    expect(averagePrecision(tied, 1)).toBeCloseTo(0.5, 12);
  });

  it('counts a face found twice once, and the surer box first', () => {
    const face = square(0, 0, 10);
    const matches = matchDetections(
      [
        { box: square(1, 0, 10), confidence: 0.5 },
        { box: square(0, 0, 10), confidence: 0.9 },
        { box: square(50, 50, 10), confidence: 0.7 },
      ],
      [face],
      0.35,
    );
    expect(matches).toEqual([detection(0.9, true), detection(0.7, false), detection(0.5, false)]);
  });

  it('matches from the given overlap on', () => {
    // 5 × 10 in common of 150: IoU 1/3.
    const found = [{ box: square(5, 0, 10), confidence: 1 }];
    expect(matchDetections(found, [square(0, 0, 10)], 0.33)[0]?.correct).toBe(true);
    expect(matchDetections(found, [square(0, 0, 10)], 0.35)[0]?.correct).toBe(false);
  });
});

describe('verification', () => {
  it('is the share of wins over all comparisons, a tie being half a win', () => {
    // 0.8 beats both; 0.5 ties with one and beats the other.
    expect(areaUnderCurve([0.8, 0.5], [0.5, 0.1])).toBeCloseTo((2 + 1.5) / 4, 12);
  });

  it('accepts what scores above the threshold that so many cross pairs exceed', () => {
    const cross = Array.from({ length: 100 }, (_, index) => index / 100); // 0 to 0.99
    // One of a hundred may pass (0.99), so the threshold is 0.98.
    expect(acceptance([0.97, 0.98, 0.985, 1], cross, 0.01)).toEqual({ threshold: 0.98, rate: 0.5 });
    // None may pass: the threshold is 0.99.
    expect(acceptance([0.97, 0.98, 0.985, 1], cross, 0.001)).toEqual({ threshold: 0.99, rate: 0.25 });
  });

  it('draws every same-person pair, distinct cross pairs, and the same for the same seed', () => {
    const people = ['a', 'a', 'a', 'b', 'b', 'c', 'd', 'e', 'f', 'g'];
    const { same, cross } = drawPairs(people, 4, 7);
    expect(same).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
      [3, 4],
    ]);
    expect(cross).toHaveLength(16);
    expect(new Set(cross.map(String)).size).toBe(16);
    for (const [first, second] of cross) expect(people[first]).not.toBe(people[second]);
    expect(drawPairs(people, 4, 7)).toEqual({ same, cross });
    expect(drawPairs(people, 4, 8).cross).not.toEqual(cross);
  });
});

describe('attributes', () => {
  it('averages distances, hits, and hits by class', () => {
    expect(
      meanAbsoluteError([
        { expected: 20, actual: 25 },
        { expected: 40, actual: 37 },
      ]),
    ).toBe(4);
    const guesses = [
      { expected: 'happy', actual: 'happy' },
      { expected: 'happy', actual: 'happy' },
      { expected: 'happy', actual: 'sad' },
      { expected: 'fear', actual: 'sad' },
    ];
    expect(accuracy(guesses)).toBe(0.5);
    expect(meanRecall(guesses)).toBeCloseTo((2 / 3 + 0) / 2, 12);
    expect(accuracy([])).toBeNaN();
  });
});

describe('pictures of one face', () => {
  it('takes the central face, and a large one before a small one', () => {
    const face = (left: number, top: number, side: number) => ({
      box: square(left, top, side),
      confidence: 1,
    });
    const [aside, large, small] = [face(0, 0, 20), face(30, 30, 50), face(48, 48, 4)];
    expect(labelledFace([aside, small, large], 100, 100)).toBe(large);
    expect(labelledFace([], 100, 100)).toBeUndefined();
  });

  it('repeats the border outwards', () => {
    const source = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const wide = repeatBorder(source, 0.5);
    expect([wide.width, wide.height]).toEqual([4, 3]);
    expect([...wide.data.subarray(12, 24)]).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
    expect(wide.data.subarray(0, 12)).toEqual(wide.data.subarray(12, 24));
  });
});
