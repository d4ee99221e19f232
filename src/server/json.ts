import { concatenated } from '../bytes.ts';
import type { Config } from '../config/schema.ts';
import { inHex, sha256 } from '../digest.ts';
import { PhizError } from '../errors.ts';
import { breath } from '../pool/breathe.ts';

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
  /** With names such as `data:0` in the place of `data:` URLs. */
  readonly value: unknown;
  /** Those URLs by their names, as they stand in the JSON; the same ones have one name. */
  readonly dataUrls: ReadonlyMap<string, Uint8Array>;
}

/** Bytes between two looks at the clock. */
const stretch = 65_536;

const code = (char: string) => char.charCodeAt(0);
const [quote, backslash] = [code('"'), code('\\')];
const encoder = new TextEncoder();
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
  const names = await nameAlike(urls);
  const parts = text.flatMap((part, index) =>
    index === 0 ? [part] : [encoder.encode(names[index - 1]), part],
  );
  return {
    value: parse(concatenated(parts)),
    dataUrls: new Map(urls.map((url, index) => [names[index]!, url])),
  };
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
  /** What ends a URL, and what hides its end: the next of each in this stretch. */
  let nextQuote = -1;
  let nextBackslash = -1;
  for (let at = 0, pause = 0; at < bytes.length; at++) {
    if (at >= pause) {
      await breath(signal);
      pause = Math.min(at + stretch, bytes.length);
      nextQuote = nextBackslash = -1;
    }
    if (inside === 'url') {
      if (nextQuote < at) nextQuote = nextOf(quote, bytes, at, pause);
      if (nextBackslash < at) nextBackslash = nextOf(backslash, bytes, at, pause);
      at = Math.min(nextQuote, nextBackslash, pause - 1);
    }
    const char = bytes[at];
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
  keep(inside === 'url' ? from : bytes.length);
  return { text, urls };
}

/** The next place of a byte before an end; infinite where there is none. */
function nextOf(byte: number, bytes: Uint8Array, from: number, end: number): number {
  const place = bytes.subarray(from, end).indexOf(byte);
  return place < 0 ? Number.POSITIVE_INFINITY : from + place;
}

function isDataUrl(bytes: Uint8Array, at: number): boolean {
  for (const [index, char] of encoder.encode('data:').entries()) {
    // Letters in upper case too.
    if ((bytes[at + index]! | (char & 0x40 ? 0x20 : 0)) !== char) return false;
  }
  return true;
}

/** Names for URLs, the same for the same ones. */
async function nameAlike(urls: readonly Uint8Array[]): Promise<string[]> {
  const lengths = new Map<number, number>();
  for (const { length } of urls) lengths.set(length, (lengths.get(length) ?? 0) + 1);
  const known = new Map<string, string>();
  const names: string[] = [];
  for (const [index, url] of urls.entries()) {
    const content = lengths.get(url.length) === 1 ? `${index}` : inHex(await sha256(url));
    const name = known.get(content) ?? `data:${index}`;
    known.set(content, name);
    names.push(name);
  }
  return names;
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
