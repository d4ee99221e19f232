import { describe, expect, it } from 'vitest';
import { createKernels, type Kernels } from '../../../src/image/jpeg/kernels.ts';
import { createScalarKernels } from '../../../src/image/jpeg/scalar-kernels.ts';
import { storedAt } from '../../../src/image/jpeg/zigzag.ts';
import type { Samples } from '../../../wasm/inverse-dct.ts';

const kernels = createKernels();
const twin = createScalarKernels();
const memoryBytes = 65536;

/** Runs both on the same memory and compares what they wrote. */
function expectTwins(
  prepare: (memory: ArrayBuffer) => void,
  run: (k: Kernels) => void,
  at: number,
  bytes: number,
) {
  const [ours, scalar] = [kernels, twin].map((k) => {
    const memory = k.reserve(memoryBytes);
    new Uint8Array(memory).fill(0);
    prepare(memory);
    run(k);
    return new Uint8Array(memory).slice(at, at + bytes);
  });
  expect(ours).toEqual(scalar);
  expect(new Set(ours).size).toBeGreaterThan(1);
}

/** Numbers of a linear congruential generator, 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

it('the kernels are the WebAssembly ones', () => {
  expect(kernels.reserve(1)).not.toBe(twin.reserve(1));
  expect(kernels.reserve(1).byteLength % 65536).toBe(0);
});

describe('inverse DCT', () => {
  const sizes: Samples[] = [1, 2, 4, 8];
  const shapes = sizes.flatMap((width) => sizes.map((height) => [width, height] as const));
  const blocks = 200;
  const [lasts, steps, samples] = [128 * blocks, 128 * blocks + 256, 128 * blocks + 512];

  it.each(shapes)('%d×%d: both give the same, also of impossible coefficients', (width, height) => {
    const stride = blocks * width + 5;
    expectTwins(
      (memory) => {
        const next = random(width * 8 + height);
        const words = new Int16Array(memory);
        for (let block = 0; block < blocks; block++) {
          const last = [0, 3, 9, 10, 63][block % 5]!;
          const range = block % 7 === 0 ? 65536 : 200;
          for (let k = 0; k <= last; k++) words[64 * block + storedAt[k]!] = (next() - 0.5) * range;
          new Uint8Array(memory)[lasts + block] = last;
        }
        for (let k = 0; k < 64; k++) words[steps / 2 + k] = 1 + 8 * next();
      },
      (k) => k.inverseDct(width, height)(0, lasts, steps, samples, stride, blocks),
      samples,
      stride * height,
    );
  });

  it('is the inverse DCT to within rounding', () => {
    const next = random(3);
    const memory = kernels.reserve(memoryBytes);
    let sum = 0;
    let largest = 0;
    for (let trial = 0; trial < 200; trial++) {
      const block = Float64Array.from({ length: 64 }, (_, at) =>
        Math.round(((next() - 0.5) * 300) / (1 + at / 4)),
      );
      new Int16Array(memory).set(Int16Array.from(block));
      new Uint8Array(memory)[lasts] = 63;
      new Int16Array(memory, steps).fill(1, 0, 64);
      kernels.inverseDct(8, 8)(0, lasts, steps, samples, 8, 1);
      for (let at = 0; at < 64; at++) {
        const exact = Math.min(255, Math.max(0, 128 + inverse(block, at % 8, at >> 3)));
        const off = Math.abs(new Uint8Array(memory)[samples + at]! - exact);
        sum += off;
        largest = Math.max(largest, off);
      }
    }
    // Rounding alone is off by 0.25 in the mean and by 0.5 at most.
    expect(sum / 200 / 64).toBeLessThan(0.26);
    expect(largest).toBeLessThan(0.6);
  });
});

/** A sample of a block stored by columns, by the definition (ITU-T T.81, A.3.3). */
function inverse(block: Float64Array, x: number, y: number): number {
  const basis = (at: number, k: number) =>
    Math.cos(((2 * at + 1) * k * Math.PI) / 16) * (k === 0 ? Math.SQRT1_2 : 1);
  let sum = 0;
  for (let u = 0; u < 8; u++)
    for (let v = 0; v < 8; v++) sum += block[8 * u + v]! * basis(x, u) * basis(y, v);
  return sum / 4;
}

describe('rows', () => {
  const noise = (memory: ArrayBuffer) => {
    const next = random(9);
    const bytes = new Uint8Array(memory);
    for (let at = 0; at < 8192; at++) bytes[at] = 256 * next();
  };
  const target = 16384;

  it('double in width', () => expectTwins(noise, (k) => k.doubleWidth(1, target, 1000), target, 2000));
  it('double in height', () => {
    expectTwins(noise, (k) => k.doubleHeight(1, 2048, target, 1000, 1), target, 1000);
    expectTwins(noise, (k) => k.doubleHeight(1, 2048, target, 1000, 2), target, 1000);
  });
  it('double in both', () => expectTwins(noise, (k) => k.doubleBoth(1, 2048, target, 1000), target, 2000));
  it('become RGB, for every chrominance', () => {
    expectTwins(
      (memory) => {
        const bytes = new Uint8Array(memory);
        for (let at = 0; at < 4096; at++) {
          bytes[at] = 7 * at;
          bytes[4096 + at] = at;
          bytes[8192 + at] = at >> 4;
        }
      },
      (k) => k.yccToRgb(0, 4096, 8192, target, 4096),
      target,
      3 * 4096,
    );
  });
});
