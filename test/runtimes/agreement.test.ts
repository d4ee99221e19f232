import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { WireFace } from '../../src/server/answer-schema.ts';
import { faceCounts, pathOf, samples } from '../contract/samples.ts';
import { type CommandLine, commandLines } from './runtimes.ts';

const pictures = samples.map(pathOf);
const [[, reference], ...others] = commandLines(inject('bare'), inject('alone')) as [
  [string, CommandLine],
  ...[string, CommandLine][],
];

/** The faces of every sample photograph, as a command line has them. */
async function facesOf([program, ...args]: CommandLine): Promise<WireFace[][]> {
  const { stdout } = await promisify(execFile)(program, [...args, 'extract', ...pictures], {
    maxBuffer: 2 ** 26,
  });
  const lines = stdout.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { faces: WireFace[] }).faces);
}

/** Of the embeddings of all faces, bit by bit: people store them for years. */
const digestOf = (faces: readonly WireFace[][]) =>
  createHash('sha256')
    .update(
      faces
        .flat()
        .map(({ facen }) => facen as string)
        .join(),
    )
    .digest('hex');

describe('runtimes agree', () => {
  let expected: WireFace[][];
  beforeAll(async () => {
    expected = await facesOf(reference);
    expect(expected.map((faces) => faces.length)).toEqual(Object.values(faceCounts));
  });

  it.each(others)('%s', async (_, commandLine) => {
    const found = await facesOf(commandLine);
    expect(found.map((faces) => faces.length)).toEqual(expected.map((faces) => faces.length));
    expect(digestOf(found)).toBe(digestOf(expected));
    for (const [index, face] of found.flat().entries()) {
      const other = expected.flat()[index]!;
      expect(face.bbox).toEqual(other.bbox);
      expect(face.detection_score).toBeCloseTo(other.detection_score, 4);
      expect(Math.abs(face.age! - other.age!)).toBeLessThanOrEqual(0.05);
      expect(face.gender!.gender).toBe(other.gender!.gender);
      expect(face.emotions![0]!.emotion).toBe(other.emotions![0]!.emotion);
    }
  });
});
