import { ConfigError } from './config-error.ts';

/**
 * The text of a configuration file.
 *
 * @param name as it is to appear in messages
 * @throws ConfigError where it is not UTF-8: it names the first line that is not
 */
export function fileText(name: string, bytes: Uint8Array): string {
  let line = 1;
  // No character of UTF-8 has the byte of a line's end in it.
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(lineEnd, start);
    const next = end === -1 ? bytes.length : end + 1;
    if (!isText(bytes.subarray(start, next)))
      throw new ConfigError(`${name}:${line}: expected text in UTF-8, got another encoding, such as UTF-16`);
    start = next;
  }
  return utf8.decode(bytes);
}

const lineEnd = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true });

function isText(bytes: Uint8Array): boolean {
  // UTF-16 of ASCII, without a mark, is valid UTF-8 too: letters with zeros between, which no text has.
  if (bytes.includes(0)) return false;
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
