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
  const [one, two, data, three] = (value as { a: string[] }).a;
  expect([data, three]).toEqual(['data', one]);
  const urls = [...dataUrls].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
  expect(urls).toEqual([
    [one, first],
    [two, second],
  ]);
});

it('names no data: URL twice alike', async () => {
  const text = JSON.stringify(`data:a;base64,${'x'.repeat(5_000)}`);
  const { value: name, dataUrls } = await parse(text);
  expect([...dataUrls.keys()]).toEqual([name]);
  expect((await parse(text)).value).not.toBe(name);
  // Were it known, it would be one that a client has written.
  const forged = await parse(`[${text}, ${JSON.stringify(name)}]`);
  expect((forged.value as string[])[1]).toBe(name);
  expect(forged.dataUrls.has(name as string)).toBe(false);
});

it('keeps short data: URLs, and the beginning of long ones whole', async () => {
  const { value, dataUrls } = await parse('{"\\u0064ata:0": "data:zzz"}');
  expect([value, dataUrls.size]).toEqual([{ 'data:0': 'data:zzz' }, 0]);
  const character = fc.constantFrom('a', '\\', '"', '\n', 'é', '€', '😀', '\u0001');
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: character, minLength: 200, maxLength: 400 }), async (rest) => {
      const url = `data:${rest}`;
      const { value: name } = await parse(JSON.stringify(url));
      expect((name as string).slice(0, 60)).toBe(url.slice(0, 60));
    }),
  );
});

it('takes out data: URLs whose scheme is escaped', async () => {
  const rest = `image/jpeg;base64,${'x'.repeat(5_000)}`;
  for (const scheme of ['\\u0064ata:', 'data\\u003a', '\\u0044\\u0041\\u0054\\u0041\\u003A', 'dat\\u0061:']) {
    const { dataUrls } = await parse(`"${scheme}${rest}"`, { size: 100 });
    expect([...dataUrls.values()].map((url) => Buffer.from(url).toString())).toEqual([`${scheme}${rest}`]);
  }
  expect((await parse(`"\\\\u0064ata:${rest}"`)).dataUrls.size).toBe(0);
});

it.each(['\n', '\r', '\t', '\f'])('refuses %j in a data: URL, as JSON does', async (space) => {
  for (const [before, after] of [
    [1, 1],
    [1, 70_000],
    [200, 200],
    [70_000, 1],
  ] as const) {
    const url = `data:;base64,${'A'.repeat(before)}${space}${'A'.repeat(after)}`;
    await expect(parse(`["data:",${space === '\f' ? '' : space}"${url}"]`)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('expected JSON'),
    });
    const escaped = JSON.stringify(url);
    expect((await parse(escaped)).dataUrls.size).toBe(escaped.length > 130 ? 1 : 0);
  }
});

it('refuses an escape of a data: URL that its end cuts off', async () => {
  for (const count of [1, 25, 30, 58]) {
    await expect(parse(`"data:${'\\u0041'.repeat(count)}\\u00"`)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  }
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
