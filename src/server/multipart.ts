import { PhizError } from '../errors.ts';
import { breath } from '../pool/breathe.ts';

/**
 * multipart/form-data (RFC 7578, RFC 2046) over a body that was already read within its limit.
 * Parts are views into that body: nothing is copied. A streaming parser would gain nothing, since
 * a picture is needed whole before it can be decoded; `Request.formData()` bounds neither the
 * number of parts nor the size of their headers.
 */

/** Curl and browsers send about 100 bytes of headers a part. */
const maxHeaderBytes = 8_192;

/** Characters (RFC 2046). */
const maxBoundary = 70;

/** Spaces behind a boundary, which nobody sends. */
const maxPadding = 1_024;

/** Bytes between two looks at the clock. */
const stretch = 65_536;

const dash = '-'.charCodeAt(0);
const utf8 = new TextDecoder('utf-8');
const latin1 = new TextDecoder('latin1');

/**
 * The parts of a body by name, the first of each name.
 * @param maxParts more than that many are refused.
 * @throws PhizError BAD_REQUEST; the reason of `signal`
 */
export async function parseMultipart(
  body: Uint8Array,
  contentType: string,
  maxParts: number,
  signal?: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const delimiter = new TextEncoder().encode(`\r\n--${boundaryOf(contentType)}`);
  const pattern = patternOf(delimiter);
  const parts = new Map<string, Uint8Array>();

  // The first delimiter may open the body, without the line break before it.
  const opensBody = delimiter.subarray(2).every((byte, i) => body[i] === byte);
  const first = opensBody ? -2 : await find(pattern, body, 0, signal);
  if (!opensBody && first < 0) throw await unfound(delimiter, body, 0, 'its boundary does not occur', signal);

  let at = first + delimiter.length;
  for (let count = 1; !(body[at] === dash && body[at + 1] === dash); count++) {
    if (count > maxParts) throw malformed(`it has more than ${maxParts} parts`);
    const { name, start } = readHeaders(body, endOfLine(body, at));
    const end = await find(pattern, body, start, signal);
    if (end < 0) {
      throw await unfound(delimiter, body, start, `part ${count} is not closed by the boundary`, signal);
    }
    if (!parts.has(name)) parts.set(name, body.subarray(start, end));
    at = end + delimiter.length;
    await breath(signal);
  }
  return parts;
}

function malformed(problem: string): PhizError {
  return new PhizError('BAD_REQUEST', `expected multipart/form-data: ${problem}`);
}

const wrongLineEnds = 'its lines are expected to end in CR LF';
const noEnd = 'its end is missing: the last boundary has -- after it';

/** The fault of a body that has no delimiter from a place on: perhaps only its line ends. */
async function unfound(
  delimiter: Uint8Array,
  body: Uint8Array,
  from: number,
  problem: string,
  signal: AbortSignal | undefined,
): Promise<PhizError> {
  const place = await find(patternOf(delimiter.subarray(1)), body, from, signal);
  return malformed(place < 0 ? problem : wrongLineEnds);
}

function boundaryOf(contentType: string): string {
  const found = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (!boundary) throw malformed('the Content-Type names no boundary');
  if (boundary.length > maxBoundary) {
    throw new PhizError(
      'BAD_REQUEST',
      `expected multipart/form-data with a boundary of at most ${maxBoundary} characters`,
    );
  }
  return boundary;
}

/** After a delimiter: spaces, then a line break. Returns the position after it. */
function endOfLine(body: Uint8Array, from: number): number {
  let at = from;
  while (at - from < maxPadding && isBlank(body[at])) at++;
  if (body[at] === 0x0a) throw malformed(wrongLineEnds);
  const rest = latin1.decode(body.subarray(at, at + 2));
  const begun = at + rest.length === body.length && ['', '\r', '\r\n', at === from ? '-' : ''].includes(rest);
  if (begun) throw malformed(noEnd);
  if (rest !== '\r\n') throw malformed('a boundary is followed by other text');
  return at + 2;
}

/** The name of the part whose headers begin at `at`, and where its content starts. */
function readHeaders(body: Uint8Array, at: number): { name: string; start: number } {
  let name: string | undefined;
  for (let line = at; ; ) {
    const limit = Math.min(body.length, at + maxHeaderBytes);
    let end = line;
    while (end < limit && !endsHeader(body, line, end)) end++;
    if (end >= limit) throw malformed(endless(body.subarray(at, limit), limit === body.length));
    if (end === line) {
      if (name === undefined) throw malformed('a part has no name');
      return { name, start: end + 2 };
    }
    const header = utf8.decode(body.subarray(line, end)).replaceAll('\r\n', '');
    if (/^content-disposition\s*:/i.test(header)) name = partName(header);
    line = end + 2;
  }
}

/** True at the line break after a header, or in the place of one. A line that begins with white space goes on with it. */
function endsHeader(body: Uint8Array, from: number, at: number): boolean {
  if (body[at] !== 0x0d || body[at + 1] !== 0x0a) return false;
  return at === from || !isBlank(body[at + 2]);
}

const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09;

/** The fault of headers without an end. @param cutOff whether the body ends with them */
function endless(headers: Uint8Array, cutOff: boolean): string {
  if (/(?<!\r)\n/.test(latin1.decode(headers))) return wrongLineEnds;
  return cutOff
    ? 'its end is missing: the headers of its last part have no empty line after them'
    : `a part's headers do not end within ${maxHeaderBytes} bytes`;
}

/** `; key="quoted \" value"` or `; key=token`. */
const parameter = /;\s*([^=;\s]+)=(?:"((?:\\.|[^"\\])*)"|([^;\s]*))/g;

/** The `name` parameter. Quotes in it come as `\"` from older clients, as `%22` from newer ones. */
function partName(header: string): string | undefined {
  const found = [...header.matchAll(parameter)].find(([, key]) => key!.toLowerCase() === 'name');
  const name = (found?.[2] ?? found?.[3])
    ?.replace(/\\(["\\])/g, '$1')
    .replace(/%(22|0d|0a)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name !== undefined && /[\u0000-\u001f\u007f]/.test(name)) {
    throw malformed(`the part name ${JSON.stringify(name)} has control characters`);
  }
  return name;
}

/** Bytes to look for, whose first occurs in them only once (here the `\r`). */
interface Pattern {
  readonly bytes: Uint8Array;
  /** By the last byte of a place that it could have: how far the next such place is. */
  readonly skip: Uint8Array;
}

function patternOf(bytes: Uint8Array): Pattern {
  const last = bytes.length - 1;
  const skip = new Uint8Array(256).fill(bytes.length);
  for (let i = 0; i < last; i++) skip[bytes[i]!] = last - i;
  return { bytes, skip };
}

/** The first place of a pattern from one on; -1 where it has none. */
async function find(
  pattern: Pattern,
  body: Uint8Array,
  from: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const places = body.length - pattern.bytes.length + 1;
  for (let at = from; at < places; ) {
    const end = Math.min(at + stretch, places);
    at = findBefore(end, pattern, body, at);
    if (at < end) return at;
    await breath(signal);
  }
  return -1;
}

/**
 * The first place of a pattern from one on and before an end; else where to look on. Skips as Horspool's
 * method does, so that most bytes of a picture are never looked at; comparing forwards keeps it
 * linear for hostile bodies too, since no two partial matches can overlap. These it looks at whole.
 */
function findBefore(end: number, { bytes, skip }: Pattern, body: Uint8Array, from: number): number {
  const last = bytes.length - 1;
  let at = from;
  while (at < end) {
    const byte = body[at + last]!;
    if (byte === bytes[last] && isAt(at, bytes, body)) break;
    at += skip[byte]!;
  }
  return at;
}

function isAt(at: number, bytes: Uint8Array, body: Uint8Array): boolean {
  let matched = 0;
  while (matched < bytes.length && body[at + matched] === bytes[matched]) matched++;
  return matched === bytes.length;
}
