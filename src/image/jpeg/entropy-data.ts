import { isRestart, marker } from './markers.ts';
import { pieces } from './pixel-memory.ts';

/**
 * Bytes after a scan's data that may be read: more than one block can use up (64 coefficients, each
 * a code of at most 16 bits and 15 bits of value).
 */
const padding = 272;

/** A scan's coded bits, without what is in them only so that markers can be found. */
export interface EntropyData {
  /** The bits, highest first, followed by zeros: {@link pieces} that whoever needs them no more gives back. */
  readonly bits: DataView;
  /** End of each restart interval, in bits; at least one. Intervals whose marker is missing are empty. */
  readonly ends: readonly number[];
}

/**
 * Takes the stuffed zero bytes and restart markers out of a scan's data (ITU-T T.81, B.1.1.5). Memory:
 * the length of the data, and a number for each of at most `intervals` restart intervals.
 *
 * @param start offset of the first byte after the scan header
 * @param intervals restart intervals that the scan has; 1 where there are no restarts
 */
export function readEntropyData(bytes: Uint8Array, start: number, intervals: number): EntropyData {
  const end = endOfScan(bytes, start);
  const clean = pieces.take(end - start + padding);
  const ends: number[] = [];
  let length = 0;
  let from = start;
  const copyUntil = (to: number) => {
    clean.set(bytes.subarray(from, to), length);
    length += to - from;
  };
  for (let at = bytes.indexOf(0xff, start); at >= 0 && at + 1 < end; at = bytes.indexOf(0xff, at)) {
    const code = bytes[at + 1]!;
    copyUntil(code === 0 ? at + 1 : at);
    from = at + (code === 0xff ? 1 : 2);
    at = from;
    if (isRestart(code) && ends.length < intervals - 1) closeInterval(ends, 8 * length, code, intervals);
  }
  copyUntil(end);
  clean.fill(0, length);
  ends.push(8 * length);
  return { bits: new DataView(clean.buffer, 0, clean.length), ends };
}

/**
 * Markers are numbered modulo 8: a small jump ahead means that intervals were lost, and those are
 * empty; one that came before means nothing.
 */
function closeInterval(ends: number[], end: number, code: number, intervals: number): void {
  const ahead = (code - marker.firstRestart - ends.length) & 7;
  if (ahead >= 6) return;
  const lost = ahead <= 2 ? ahead : 0;
  for (let count = 0; count <= lost && ends.length < intervals - 1; count++) ends.push(end);
}

/** Offset of the marker that ends a scan's data, or of the file's end. */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at)) {
    const code = bytes[at + 1];
    if (code === undefined) return at;
    if (code !== 0 && code !== 0xff && !isRestart(code)) return at;
    at += code === 0xff ? 1 : 2;
  }
  return bytes.length;
}
