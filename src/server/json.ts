import { PhizError } from '../errors.ts';

/** A call within its limits stays far below these; what exceeds them would only fill memory. */
const maxDepth = 64;
const maxValues = 1_000_000;

const code = (char: string) => char.charCodeAt(0);
const quote = code('"');
const backslash = code('\\');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses JSON of an untrusted sender. `JSON.parse` needs tens of bytes for a one-byte value, so
 * values and nesting are counted before it may build anything.
 * @throws PhizError BAD_REQUEST
 */
export function parseJson(bytes: Uint8Array): unknown {
  checkStructure(bytes);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new PhizError('BAD_REQUEST', 'expected JSON in UTF-8, got bytes that are not UTF-8', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PhizError('BAD_REQUEST', `expected JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Every value but the first follows one of `[`, `{` or `,`. */
function checkStructure(bytes: Uint8Array): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        at = endOfString(bytes, at);
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
      case code(','):
        values++;
        break;
    }
    if (values > maxValues) {
      throw new PhizError('BAD_REQUEST', `expected JSON of at most ${maxValues} values`);
    }
  }
}

/** Where the string that opens at `start` closes; the end of `bytes` where it does not. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let from = start + 1; ; ) {
    const end = bytes.indexOf(quote, from);
    if (end < 0) return bytes.length;
    let escapes = 0;
    while (end - 1 - escapes >= from && bytes[end - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return end;
    from = end + 1;
  }
}
