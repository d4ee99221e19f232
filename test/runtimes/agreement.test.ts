import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { WireFace } from '../../src/server/answer-schema.ts';
import { faceCounts, pathOf, type Sample } from '../contract/samples.ts';
import { type Runtime, runtimes } from './runtimes.ts';

const samples = Object.keys(faceCounts) as Sample[];
const pictures = samples.map(pathOf);
const [reference, ...others] = runtimes as [Runtime, ...Runtime[]];

/** The faces of every sample photograph, as the command line on a runtime has them. */
async function facesOn({ folder, command: [program, ...args] }: Runtime): Promise<WireFace[][]> {
  const main = join(inject('bare'), folder, 'main.js');
  const { stdout } = await promisify(execFile)(program, [...args, main, 'extract', ...pictures], {
    maxBuffer: 2 ** 26,
  });
  const lines = stdout.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { faces: WireFace[] }).faces);
}

describe('runtimes agree', () => {
  let expected: WireFace[][];
  beforeAll(async () => {
    expected = await facesOn(reference);
    expect(expected.map((faces) => faces.length)).toEqual(Object.values(faceCounts));
  });

  it.each(others.map((runtime) => [runtime.name, runtime] as const))('%s', async (_, runtime) => {
    const found = await facesOn(runtime);
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
