import { expect, test } from 'vitest';
import { figuresBySex } from '../../bench/accuracy/by-sex.ts';
import type { Face } from '../../src/face/face.ts';

/** Faces whose vectors are directions in a plane, in degrees. */
const face = (degrees: number, score: number): Face => ({
  box: { left: 0, top: 0, right: 1, bottom: 1 },
  confidence: 1,
  embedding: Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)),
  gender: { label: score < 0 ? 'female' : 'male', score },
});

test('people are told apart within the sex that most of their pictures say, the surer ones counting more', () => {
  const people = ['a', 'a', 'b', 'c', 'c', 'd', 'e'];
  const faces = [
    face(0, -5),
    face(10, 2), // a woman all the same
    face(20, -1),
    face(100, 3),
    face(160, 3),
    face(190, 1),
    undefined,
  ];
  const samples = people.map((person, index) => ({ path: `${index}`, person }));
  const [female, male] = figuresBySex(samples, faces, Math.cos((15 * Math.PI) / 180));
  expect(female).toMatchObject({ sex: 'female', people: 2, samePairs: 1, crossPairs: 2 });
  expect(female!.common).toEqual({ accepted: 1, falselyAccepted: 0.5 });
  expect(male).toMatchObject({ sex: 'male', people: 2, samePairs: 1, crossPairs: 2 });
  expect(male!.common).toEqual({ accepted: 0, falselyAccepted: 0 });
});
