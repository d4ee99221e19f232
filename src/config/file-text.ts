import { ConfigError } from './config-error.ts';

/**
 * The text of a configuration file.
 *
 * @param name as it is to appear in messages
 * @throws ConfigError where it is not UTF-8: it names the first line that is not
 */
export function fileText(name: string, bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text !== undefined) return text;
  let line = 1;
  // No character of UTF-8 has the byte of a line's end in it.
  for (let start = 0; ; line++) {
    const next = bytes.indexOf(lineEnd, start) + 1;
    if (next === 0 || textOf(bytes.subarray(start, next)) === undefined) break;
    start = next;
  }
  throw new ConfigError(`${name}:${line}: expected text in UTF-8, got another encoding, such as UTF-16`);
}

const lineEnd = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of bytes; undefined where they are none. */
function textOf(bytes: Uint8Array): string | undefined {
  // UTF-16 of ASCII, without a mark, is valid UTF-8 too: letters with zeros between, which no text has.
  if (bytes.includes(0)) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
