import { concatenated } from '../bytes.ts';
import type { Config } from '../config/schema.ts';
import { inHex, sha256 } from '../digest.ts';
import { PhizError } from '../errors.ts';
import { breath } from '../pool/breathe.ts';
import { randomId } from './random-id.ts';

/** A call within its limits stays far below; what exceeds it would only fill memory. */
const maxDepth = 64;

export interface JsonLimits {
  /** Bytes, less the `data:` URLs. */
  readonly size: number;
  readonly values: number;
}

/** Values in the JSON of a call: enough for every key of every request, and for a few of the client's own. */
const valuesOfRequest = 64;
const leastValues = 16_384;

export const jsonLimits = ({ limits: { json_size, requests } }: Config): JsonLimits => ({
  size: json_size,
  values: Math.max(leastValues, valuesOfRequest * requests),
});

export interface ParsedJson {
  /** With names in the place of long `data:` URLs. */
  readonly value: unknown;
  /** Those URLs by their names, as they stand in the JSON; the same ones have one name. */
  readonly dataUrls: ReadonlyMap<string, Uint8Array>;
}

/** Bytes of a `data:` URL up to which it stays in its place. */
const shortUrl = 128;

/** Characters of a URL that its name begins with: more than any message repeats. */
const shownCharacters = 64;

/** Bytes between two looks at the clock. */
const stretch = 65_536;

const code = (char: string) => char.charCodeAt(0);
const [quote, backslash] = [code('"'), code('\\')];
/** What ends a URL, what hides its end, and white space that only base64 passes over: JSON has it escaped. */
const marks = [quote, backslash, ...['\t', '\n', '\f', '\r'].map(code)];
const encoder = new TextEncoder();
const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses JSON of an untrusted sender. `JSON.parse` needs tens of bytes for a one-byte value, so bytes,
 * values and nesting are counted before it may build anything; and pictures are taken out.
 * @throws PhizError BAD_REQUEST or BODY_TOO_LARGE; the reason of `signal`
 */
export async function parseJson(
  bytes: Uint8Array,
  limits: JsonLimits,
  signal?: AbortSignal,
): Promise<ParsedJson> {
  const { text, urls } = await split(bytes, limits, signal);
  const names = await standIns(urls);
  const parts = text.flatMap((part, index) => (index === 0 ? [part] : [names[index - 1]!, part]));
  const value = parse(concatenated(parts));
  const dataUrls = new Map<string, Uint8Array>();
  for (const [name, url] of new Map(urls.map((url, index) => [names[index]!, url]))) {
    if (name !== url) dataUrls.set(JSON.parse(`"${utf8.decode(name)}"`), url);
    await breath(signal);
  }
  return { value, dataUrls };
}

/** The `data:` URLs of a JSON text, and the parts of text before, between and after them. */
async function split(
  bytes: Uint8Array,
  limits: JsonLimits,
  signal: AbortSignal | undefined,
): Promise<{ text: Uint8Array[]; urls: Uint8Array[] }> {
  const text: Uint8Array[] = [];
  const urls: Uint8Array[] = [];
  let size = 0;
  let from = 0;
  const keep = (to: number) => {
    text.push(bytes.subarray(from, to));
    size += to - from;
  };
  let depth = 0;
  let values = 1;
  let inside: 'nothing' | 'string' | 'url' = 'nothing';
  /** The next of each of the marks in this stretch. */
  const next = marks.map(() => -1);
  for (let at = 0, pause = 0; at < bytes.length; at++) {
    if (at >= pause) {
      await breath(signal);
      pause = Math.min(at + stretch, bytes.length);
      next.fill(-1);
    }
    if (inside === 'url') {
      let nearest = pause - 1;
      for (let i = 0; i < marks.length; i++) {
        if (next[i]! < at) next[i] = nextOf(marks[i]!, bytes, at, pause);
        nearest = Math.min(nearest, next[i]!);
      }
      at = nearest;
    }
    const char = bytes[at]!;
    if (inside === 'url' && char < 0x20) {
      throw new PhizError(
        'BAD_REQUEST',
        'expected JSON: a data: URL has a control character, as a line break, that is not escaped',
      );
    }
    if (inside !== 'url' && size + at - from >= limits.size) {
      throw new PhizError(
        'BODY_TOO_LARGE',
        `expected JSON of at most ${limits.size} bytes (limits.json_size) besides its data: URLs`,
      );
    }
    if (inside !== 'nothing') {
      if (char === backslash) at++;
      if (char !== quote) continue;
      if (inside === 'url') {
        urls.push(bytes.subarray(from, at));
        from = at;
      }
      inside = 'nothing';
      continue;
    }
    switch (char) {
      case quote:
        inside = 'string';
        if (!isDataUrl(bytes, at + 1)) break;
        keep(at + 1);
        from = at + 1;
        inside = 'url';
        break;
      case code('['):
      case code('{'):
        values++;
        if (++depth > maxDepth) {
          throw new PhizError('BAD_REQUEST', `expected JSON of at most ${maxDepth} levels`);
        }
        break;
      case code(']'):
      case code('}'):
        depth--;
        break;
      // Every value but the first follows one of `[`, `{` or `,`.
      case code(','):
        values++;
        break;
    }
    if (values > limits.values) {
      throw new PhizError('BAD_REQUEST', `expected JSON of at most ${limits.values} values`);
    }
  }
  // Of a URL without an end only its quote is kept, which is no JSON.
  if (inside !== 'url') keep(bytes.length);
  return { text, urls };
}

/** The next place of a byte before an end; infinite where there is none. */
function nextOf(byte: number, bytes: Uint8Array, from: number, end: number): number {
  const place = bytes.subarray(from, end).indexOf(byte);
  return place < 0 ? Number.POSITIVE_INFINITY : from + place;
}

/** `data:` in either case, each of its characters perhaps escaped. */
const scheme = /^(?:d|\\u00[46]4)(?:a|\\u00[46]1)(?:t|\\u00[57]4)(?:a|\\u00[46]1)(?::|\\u003a)/i;
const longestScheme = 5 * '\\u0000'.length;

function isDataUrl(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]!;
  if (first !== backslash && (first | 0x20) !== code('d')) return false;
  return scheme.test(latin1.decode(bytes.subarray(at, at + longestScheme)));
}

/**
 * What stands for each URL in the JSON: a short one for itself, longer ones for a name that no client can
 * write, since it is drawn for each call. A name begins as its URL does, for messages that repeat it.
 */
async function standIns(urls: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const lengths = new Map<number, number>();
  for (const { length } of urls) lengths.set(length, (lengths.get(length) ?? 0) + 1);
  const id = randomId();
  const known = new Map<string, Uint8Array>();
  const all: Uint8Array[] = [];
  for (const [index, url] of urls.entries()) {
    if (url.length <= shortUrl) {
      all.push(url);
      continue;
    }
    const content = lengths.get(url.length) === 1 ? `${index}` : inHex(await sha256(url));
    const name = known.get(content) ?? concatenated([beginning(url), encoder.encode(`#${id}-${index}`)]);
    known.set(content, name);
    all.push(name);
  }
  return all;
}

/** The first characters of what stands in a string of JSON: its escapes and its UTF-8 stay whole. */
function beginning(text: Uint8Array): Uint8Array {
  let at = 0;
  for (let count = 0; count < shownCharacters && at < text.length; count++) {
    if (text[at] === backslash) at += text[at + 1] === code('u') ? 6 : 2;
    else at++;
    while ((text[at]! & 0xc0) === 0x80) at++;
  }
  return text.subarray(0, at);
}

function parse(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new PhizError('BAD_REQUEST', 'expected JSON in UTF-8, got bytes that are not UTF-8', { cause });
  }
  if (text.trim() === '') throw new PhizError('BAD_REQUEST', 'expected JSON, got nothing');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PhizError('BAD_REQUEST', `expected JSON: ${(cause as Error).message}`, { cause });
  }
}
