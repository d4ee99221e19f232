import { concatenated } from '../../bytes.ts';
import type { Host } from '../host.ts';

const newline = 10;

/** A line of a file, without what ends it. */
export interface FileLine {
  readonly bytes: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
  /** True where a newline ends the line; the last line of a file may have none. */
  readonly whole: boolean;
}

/** The lines of a file, read in parts. */
export function fileLines(host: Host, path: string): AsyncGenerator<FileLine> {
  return splitLines(host.readParts(path), () => newline);
}

/**
 * Lines out of bytes that come in parts.
 *
 * @param separatorOf the byte that ends a line, told by the first part
 */
export async function* splitLines(
  parts: AsyncIterable<Uint8Array>,
  separatorOf: (first: Uint8Array) => number,
): AsyncGenerator<FileLine> {
  let separator: number | undefined;
  let pending: Uint8Array[] = [];
  let at = 0;
  const take = (rest: Uint8Array): Uint8Array => {
    const bytes = pending.length === 0 ? rest : concatenated([...pending, rest]);
    pending = [];
    return bytes;
  };
  for await (const part of parts) {
    separator ??= separatorOf(part);
    let start = 0;
    for (let end = part.indexOf(separator); end >= 0; end = part.indexOf(separator, start)) {
      const bytes = take(part.subarray(start, end));
      start = end + 1;
      at += bytes.length + 1;
      yield { bytes, end: at, whole: true };
    }
    if (start < part.length) pending.push(part.subarray(start));
  }
  if (pending.length > 0) {
    const bytes = take(new Uint8Array());
    yield { bytes, end: at + bytes.length, whole: false };
  }
}
