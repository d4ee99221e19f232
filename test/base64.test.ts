import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { base64Bytes, decodeBase64, encodeBase64 } from '../src/base64.ts';

const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 13);

test.each([0, 1, 2, 3, 11, 12, 13, 48, 49_151, 49_152, 49_153, 49_154, 150_000])(
  'base64 of %i bytes is that of Node',
  (length) => {
    const bytes = bytesOf(length);
    const expected = Buffer.from(bytes).toString('base64');
    expect(encodeBase64(bytes)).toBe(expected);
    expect(Buffer.from(base64Bytes(bytes)).toString('latin1')).toBe(expected);
    expect(Buffer.from(decodeBase64(expected)).equals(bytes)).toBe(true);
  },
);

test('every group of six bits has its character', () => {
  const bytes = Uint8Array.from({ length: 3 * 4096 }, (_, at) => {
    const group = Math.floor(at / 3) | (Math.floor(at / 3) << 12);
    return group >> (8 * (2 - (at % 3)));
  });
  expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
});

test('what was encoded before leaves nothing in the last group', () => {
  encodeBase64(new Uint8Array(64).fill(255));
  expect(encodeBase64(Uint8Array.of(0))).toBe('AA==');
});
