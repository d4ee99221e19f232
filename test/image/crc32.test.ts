import { crc32 as zlibs } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/image/png/crc32.ts';

describe('crc32', () => {
  it.each([0, 1, 63, 64, 65, 127, 128, 1_000, 65_535, 65_536, 200_001])(
    'sums %d bytes as zlib does',
    (length) => {
      const bytes = Uint8Array.from({ length: length + 1 }, (_, index) => (index * index) >> 3);
      expect(crc32(bytes.subarray(1))).toBe(zlibs(bytes.subarray(1)));
    },
  );
});
