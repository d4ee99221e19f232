import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWeights } from '../../build/networks/weights.ts';
import { recipeSources } from '../models/assets.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const manifest = (...weights: unknown[]) => bytes(JSON.stringify([{ weights, paths: ['weights.bin'] }]));

describe('decoding', () => {
  test('bytes are scaled, floats and integers are taken as they are, filters are transposed', () => {
    const binary = new Uint8Array(4 + 8 + 4);
    binary.set([0, 1, 2, 255]);
    new DataView(binary.buffer).setFloat32(4, -0.5, true);
    new DataView(binary.buffer).setFloat32(8, 3.25, true);
    new DataView(binary.buffer).setInt32(12, -7, true);
    const weights = readWeights(
      manifest(
        {
          name: 'bytes',
          shape: [1, 1, 2, 2],
          dtype: 'float32',
          quantization: { dtype: 'uint8', scale: 0.5, min: -1 },
        },
        { name: 'floats', shape: [2], dtype: 'float32' },
        { name: 'integer', shape: [], dtype: 'int32' },
      ),
      binary,
    );
    expect([...weights.tensor('bytes', [1, 1, 2, 2]).data]).toEqual([-1, -0.5, 0, 126.5]);
    const filters = weights.filters('bytes', 1, 2, 2);
    expect(filters.shape).toEqual([2, 2, 1, 1]);
    expect([...filters.data]).toEqual([-1, 0, -0.5, 126.5]);
    expect(filters.compact).toEqual({
      codes: Uint8Array.of(0, 2, 1, 255),
      zeroPoint: 2,
      scales: Float32Array.of(0.5),
    });
    expect([...weights.tensor('floats', [2]).data]).toEqual([-0.5, 3.25]);
    expect([...weights.tensor('integer', []).data]).toEqual([-7]);
  });

  test.each([
    ['0000', 0],
    ['003c', 1],
    ['00c0', -2],
    ['ff7b', 65504],
    ['0100', 2 ** -24],
    ['007c', Number.POSITIVE_INFINITY],
  ])('half-precision bytes %s are %d', (hex, value) => {
    const entry = { name: 'half', shape: [1], dtype: 'float32', quantization: { dtype: 'float16' } };
    const weights = readWeights(manifest(entry), Uint8Array.from(Buffer.from(hex, 'hex')));
    expect([...weights.tensor('half', [1]).data]).toEqual([value]);
  });

  test('a binary at an odd offset of its buffer is read', () => {
    const shifted = new Uint8Array(5).subarray(1);
    shifted.set([0, 0, 128, 63]);
    const weights = readWeights(manifest({ name: 'one', shape: [1], dtype: 'float32' }), shifted);
    expect([...weights.tensor('one', [1]).data]).toEqual([1]);
  });
});

describe('what is wrong with the files is said', () => {
  const one = { name: 'a', shape: [4], dtype: 'float32' };
  test.each([
    ['a short binary', manifest(one), 12, 'weights a: ends at byte 16, the file has 12'],
    ['a long binary', manifest(one), 20, 'describes 16 bytes, the file has 20'],
    [
      'a size beyond all memory',
      manifest({ ...one, shape: [2 ** 40, 2 ** 40] }),
      16,
      'weights a: ends at byte',
    ],
    ['a negative size', manifest({ ...one, shape: [-4] }), 16, 'expected a shape of whole numbers'],
    ['a name twice', manifest(one, one), 32, 'weights a: occurs twice'],
    ['an unknown type', manifest({ ...one, dtype: 'string' }), 16, 'dtype string is not known'],
    [
      'an unknown quantisation',
      manifest({ ...one, quantization: { dtype: 'int4' } }),
      8,
      'quantisation to int4 is not known',
    ],
    [
      'no scale',
      manifest({ ...one, quantization: { dtype: 'uint8', min: 0 } }),
      4,
      'numbers as scale and min',
    ],
    ['no list', bytes('{}'), 0, 'expected a list of groups'],
    ['no name', manifest({ shape: [1] }), 4, 'a tensor has no name'],
  ])('%s', (_, description, size, message) => {
    expect(() => readWeights(description, new Uint8Array(size))).toThrow(message);
  });

  test('a real pair of files, cut anywhere, is refused', async () => {
    const [description, binary] = await recipeSources('face-expression');
    fc.assert(
      fc.property(fc.nat(binary.length - 1), (length) => {
        expect(() => readWeights(description, binary.subarray(0, length))).toThrow(/weights/);
      }),
      { numRuns: 30 },
    );
  });
});
