import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { decodeBase64InPlace } from '../../src/server/base64.ts';
import { parseJson } from '../../src/server/json.ts';

const parse = (text: string | Uint8Array, limits = {}) =>
  parseJson(Buffer.from(text), { size: 10_000_000, values: 1_000_000, ...limits });

it('reads whatever JSON.stringify writes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 8 }), async (value) => {
      const text = JSON.stringify(value);
      expect((await parse(text)).value).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

it('refuses what is not UTF-8', async () => {
  await expect(parse(Uint8Array.of(0x22, 0xff, 0x22))).rejects.toThrow('expected JSON in UTF-8');
});

it('does not count what stands inside strings', async () => {
  const text = `${'\\\\"[[[[,,,,'.repeat(300_000)}`;
  expect((await parse(JSON.stringify(text), { values: 2 })).value).toBe(text);
});

it('takes data: URLs out, the same ones once, and counts them not', async () => {
  const [first, second] = ['data:a;base64,', 'DATA:a;base64,'].map((kind) => `${kind}${'x'.repeat(5_000)}`);
  const { value, dataUrls } = await parse(JSON.stringify({ a: [first, second, 'data', first] }), {
    size: 100,
  });
  expect(value).toEqual({ a: ['data:0', 'data:1', 'data', 'data:0'] });
  const urls = [...dataUrls].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
  expect(urls).toEqual([
    ['data:0', first],
    ['data:1', second],
  ]);
});

it('counts everything else', async () => {
  const long = JSON.stringify({ a: 'x'.repeat(100) });
  expect((await parse(long, { size: long.length })).value).toEqual(JSON.parse(long));
  for (const text of [long, ' '.repeat(200), `"${'\\"'.repeat(100)}"`]) {
    await expect(parse(text, { size: 100 })).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
  }
  await expect(parse('[1,2,3]', { values: 3 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

it('fails where a data: URL does not end', async () => {
  await expect(parse('{"a": "data:abc')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(parse('{"a": "data:abc\\"')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

const decoded = async (text: string) => {
  const bytes = await decodeBase64InPlace(Buffer.from(text));
  return bytes && Buffer.from(bytes).toString('latin1');
};

it('writes and reads base64 as Node does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      expect(encodeBase64(bytes)).toBe(text);
      for (const form of [
        text,
        text.replace(/=+$/, ''),
        text.replaceAll('/', '\\/'),
        encodeURIComponent(text),
      ]) {
        expect(await decoded(form)).toBe(Buffer.from(bytes).toString('latin1'));
      }
    }),
  );
});

it.each([
  ['YWJj\\r\\nZGVm', 'abcdef'],
  ['YW Jj', 'abc'],
  ['\\u0059WJj', 'abc'],
  ['%59WJj', 'abc'],
  ['', ''],
  ['YWJ', 'ab'],
  ['YWI=', 'ab'],
  ['Y', undefined],
  ['YWI==', undefined],
  ['YQ===', undefined],
  ['YW=I', undefined],
  ['YW*I', undefined],
  ['YWJj\\x', undefined],
  ['YWJj\\u00', undefined],
  ['YWJj%4', undefined],
])('reads base64 %s', async (text, expected) => {
  expect(await decoded(text)).toBe(expected);
});
