import { execFile } from 'node:child_process';
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

describe('runtimes agree', () => {
  let expected: WireFace[][];
  beforeAll(async () => {
    expected = await facesOf(reference);
    expect(expected.map((faces) => faces.length)).toEqual(Object.values(faceCounts));
  });

  it.each(others)('%s', async (_, commandLine) => {
    const found = await facesOf(commandLine);
    expect(found.map((faces) => faces.length)).toEqual(expected.map((faces) => faces.length));
    for (const [index, face] of found.flat().entries()) {
      const other = expected.flat()[index]!;
      expect(face.bbox).toEqual(other.bbox);
      expect(face.detection_score).toBeCloseTo(other.detection_score, 4);
      expect(cosine(face.facen!, other.facen!)).toBeGreaterThanOrEqual(0.9999);
      expect(Math.abs(face.age! - other.age!)).toBeLessThanOrEqual(0.05);
      expect(face.gender!.gender).toBe(other.gender!.gender);
      expect(face.emotions![0]!.emotion).toBe(other.emotions![0]!.emotion);
    }
  });
});

function cosine(a: string | Uint8Array, b: string | Uint8Array): number {
  const [u, v] = [floats(a), floats(b)];
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
}

function floats(base64: string | Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64 as string, 'base64')).buffer);
}
