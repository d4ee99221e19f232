import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMultipart } from '../../src/server/multipart.ts';

const contentType = 'multipart/form-data; boundary=XX';
const bytes = (text: string) => Buffer.from(text, 'latin1');
const parse = async (body: string, maxParts = 10) => {
  const parts = await parseMultipart(bytes(body), contentType, maxParts);
  return Object.fromEntries(
    [...parts].map(([name, content]) => [name, Buffer.from(content).toString('latin1')]),
  );
};
const part = (header: string, content: string) =>
  `--XX\r\nContent-Disposition: form-data; ${header}\r\n\r\n${content}\r\n`;

describe('multipart/form-data', () => {
  it('reads fields and files, quoted or not, and keeps the first of a name', async () => {
    const body = [
      part('name="a"; filename="x;name=b.jpg"\r\nContent-Type: image/jpeg', 'one'),
      part('filename="y"; name=b', ''),
      part('name="a"', 'two'),
      part('name="quo\\"te"', '3'),
      part('name="also%22one"', '4'),
    ].join('');
    expect(await parse(`${body}--XX--\r\n`)).toEqual({ a: 'one', b: '', 'quo"te': '3', 'also"one': '4' });
  });

  it('reads names in UTF-8', async () => {
    const parts = await parseMultipart(
      Buffer.from(`${part('name="лицо"', 'x')}--XX--`, 'utf8'),
      'multipart/form-data; boundary="XX"',
      1,
    );
    expect([...parts.keys()]).toEqual(['лицо']);
  });

  it('takes a header that goes on in the next line', async () => {
    const body = [
      part('\r\n name="a"\r\nX: y\r\n \r\n\tz', 'one'),
      part('name="b\r\n c"', ' two'),
      part('name=d', '\r\n three'),
    ].join('');
    expect(await parse(`${body}--XX--`)).toEqual({ a: 'one', 'b c': ' two', d: '\r\n three' });
  });

  it('skips a preamble, an epilogue and spaces after a boundary', async () => {
    const spaced = part('name=a', 'one').replace('--XX\r', '--XX \t\r');
    expect(await parse(`hello\r\n${spaced}--XX--\r\nbye`)).toEqual({ a: 'one' });
  });

  it('takes content that almost looks like a boundary', async () => {
    const content = '\r\n--X\r\n--\r\r\n\r\n-XX\n--XX';
    expect(await parse(`${part('name=a', content)}--XX--`)).toEqual({ a: content });
  });

  it.each([
    ['', 'its boundary does not occur'],
    ['nothing here', 'its boundary does not occur'],
    ['--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nunclosed', 'part 1 is not closed'],
    ['--XX\r\n\r\nx\r\n--XX--', 'a part has no name'],
    [`${part('filename=a', 'x')}--XX--`, 'a part has no name'],
    [`--XX\r\nX: ${'y'.repeat(9_000)}`, "a part's headers do not end within 8192 bytes"],
    [`--XX\r\nX: y${'\r\n z'.repeat(3_000)}`, "a part's headers do not end within 8192 bytes"],
    ['--XXtext', 'a boundary is followed by other text'],
    [`--XX${' '.repeat(1_025)}\r\n`, 'a boundary is followed by other text'],
    ['--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--XX', 'its end is missing'],
    ['--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--XX\r\n', 'its end is missing'],
    [`${part('name=a', 'b')}--XX-`, 'its end is missing'],
    [`${part('name=a', 'b')}--XX\r`, 'its end is missing'],
    [`${part('name=a', 'b')}--XX \t`, 'its end is missing'],
    [`${part('name=a', 'b')}--XX -`, 'a boundary is followed by other text'],
    [`${part('name=a', 'b')}--XX\rx`, 'a boundary is followed by other text'],
    ['--XX\r\nContent-Dis', 'its end is missing: the headers of its last part have no empty line'],
    ['--XX\r\nContent-Disposition: form-data; name=a\r\n\r', 'its end is missing'],
    ['--XX\r\nContent-Disposition: form-data; name=a\r\n--XX--\r\n', 'have no empty line after them'],
    [part('name=a', 'b').replaceAll('\r\n', '\n'), 'its lines are expected to end in CR LF'],
    [`hello\n${part('name=a', 'b')}--XX--`.replaceAll('\r\n', '\n'), 'expected to end in CR LF'],
    ['--XX\r\nContent-Disposition: form-data; name=a\n\nb\n--XX--\n', 'expected to end in CR LF'],
    ['--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb\n--XX--\n', 'expected to end in CR LF'],
    [`${part('name="a\u0001"', 'x')}--XX--`, 'the part name "a\\u0001" has control characters'],
    [`${part('name="a%0d%0aX: y"', 'x')}--XX--`, 'has control characters'],
    [`${part('name=a', '').repeat(11)}--XX--`, 'it has more than 10 parts'],
  ])('refuses %j', async (body, problem) => {
    await expect(parse(body)).rejects.toThrow(problem);
    await expect(parse(body)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('needs a boundary', async () => {
    await expect(parseMultipart(bytes(''), 'multipart/form-data', 1)).rejects.toThrow('names no boundary');
  });

  it('takes a boundary of 70 characters and refuses a longer one', async () => {
    const parsed = (boundary: string, quotes: string) =>
      parseMultipart(
        bytes(`${part('name=a', 'b')}--XX--`.replaceAll('XX', boundary)),
        `multipart/form-data; boundary=${quotes}${boundary}${quotes}`,
        1,
      );
    for (const quotes of ['', '"']) {
      expect([...(await parsed('x'.repeat(70), quotes)).keys()]).toEqual(['a']);
      await expect(parsed('x'.repeat(71), quotes)).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: 'expected multipart/form-data with a boundary of at most 70 characters',
      });
    }
  });

  it('stays linear on bodies made to be slow', async () => {
    const boundary = 'a'.repeat(70);
    const closed = (filling: string) =>
      bytes(
        `--${boundary}\r\nContent-Disposition: form-data; name=x\r\n\r\n${filling}\r\n--${boundary}--\r\n`,
      );
    const almost = `\r\n--${'a'.repeat(69)}`;
    const size = 8_000_000;
    for (const unit of ['a', '\r', '\r\n--', almost]) {
      const body = closed(unit.repeat(size / unit.length));
      const start = performance.now();
      await parseMultipart(body, `multipart/form-data; boundary=${boundary}`, 1);
      // Quadratic work would be over a minute; the bound leaves room for a loaded machine.
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });

  it('gives back whatever the platform packs', async () => {
    const name = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !/[\r\n\p{Cc}\\%]/u.test(text));
    const content = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, content, { maxKeys: 6 }), async (parts) => {
        const form = new FormData();
        for (const [key, value] of Object.entries(parts))
          form.set(key, new Blob([value as BlobPart]), 'file');
        const request = new Request('http://localhost/', { method: 'POST', body: form });
        const type = request.headers.get('content-type')!;
        const body = new Uint8Array(await request.arrayBuffer());
        const parsed = await parseMultipart(body, type, 6);
        expect(Object.fromEntries([...parsed].map(([key, value]) => [key, [...value]]))).toEqual(
          Object.fromEntries(Object.entries(parts).map(([key, value]) => [key, [...value]])),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('answers any bytes with parts or BAD_REQUEST', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '--XX',
        '\r\n',
        '--',
        'Content-Disposition: form-data; name="',
        '"',
        ';',
        'name=',
        '\\',
      ),
      fc.string({ maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        try {
          await parse(pieces.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_REQUEST' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
