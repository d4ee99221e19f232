import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/server/base64.ts';
import { parseJson } from '../../src/server/json.ts';

it('reads whatever JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

it('refuses what is not UTF-8', () => {
  expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('expected JSON in UTF-8');
});

it('does not count what stands inside strings', () => {
  const text = `${'\\\\"[[[[,,,,'.repeat(300_000)}`;
  expect(parseJson(Buffer.from(JSON.stringify(text)))).toBe(text);
});

it('writes and reads base64 as Node does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      expect(encodeBase64(bytes)).toBe(text);
      expect(Buffer.from(decodeBase64(text))).toEqual(Buffer.from(bytes));
    }),
  );
});
