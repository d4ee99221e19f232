import { type Codec, decodingFailed, grey, type Header } from './codec.ts';
import { decodeLzw } from './lzw.ts';
import { createRaster } from './raster.ts';
import { rasterPicture } from './raster-picture.ts';

interface GifHeader extends Header {
  /** Offset of the frame's descriptor. */
  readonly frame: number;
  /** Number of the colour that is transparent in it; -1 for none. */
  readonly transparent: number;
}

/** First row of each pass of an interlaced frame, and the rows from one to the next (GIF89a, appendix E). */
const passes = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** GIF: its first frame, on the whole screen that the file declares. What is transparent is white. Source: GIF89a. */
export const gif: Codec<GifHeader> = {
  name: 'GIF',

  recognises: (bytes) => /^GIF8[79]a/.test(String.fromCharCode(...bytes.subarray(0, 6))),

  readHeader(bytes) {
    if (bytes.length < 13) throw decodingFailed('a GIF whose header is cut off');
    const { at: frame, transparent } = findFrame(bytes);
    // A frame that reaches beyond the screen makes it larger, as in browsers.
    const width = Math.max(short(bytes, 6), short(bytes, frame + 1) + short(bytes, frame + 5));
    const height = Math.max(short(bytes, 8), short(bytes, frame + 3) + short(bytes, frame + 7));
    if (short(bytes, frame + 5) === 0 || short(bytes, frame + 7) === 0)
      throw decodingFailed('a GIF without pixels');
    return { width, height, orientation: 1, frame, transparent };
  },

  decode(bytes, { width, height, frame, transparent }, { checkpoint }) {
    const [left, top, columns, rows] = [1, 3, 5, 7].map((offset) => short(bytes, frame + offset)) as [
      number,
      number,
      number,
      number,
    ];
    const flags = bytes[frame + 9]!;
    const own = colourTable(bytes, frame + 10, flags);
    const colours = own.length > 0 ? own : colourTable(bytes, 13, bytes[10]!);
    const dataAt = frame + 10 + own.length;
    const literalBits = bytes[dataAt]!;
    if (!(literalBits >= 1 && literalBits <= 8)) throw decodingFailed('damaged GIF data (code size)');

    const indexes = new Uint8Array(columns * rows);
    const source = joinBlocks(bytes, dataAt + 1);
    const found = decodeLzw(source, indexes, { literalBits, highestFirst: false, early: 0 }, checkpoint);

    const raster = createRaster(width, height);
    raster.data.fill(255);
    const order = (flags & 0x40) !== 0 ? interlacedRows(rows) : undefined;
    for (let row = 0; row < rows; row++) {
      const y = top + (order ? order[row]! : row);
      for (let x = 0, to = 3 * (y * width + left), at = row * columns; x < columns; x++, at++, to += 3) {
        const index = indexes[at]!;
        if (at >= found) raster.data.fill(grey, to, to + 3);
        else if (index !== transparent) {
          raster.data[to] = colours[3 * index] ?? 0;
          raster.data[to + 1] = colours[3 * index + 1] ?? 0;
          raster.data[to + 2] = colours[3 * index + 2] ?? 0;
        }
      }
    }
    return { picture: rasterPicture(raster), missing: 1 - found / indexes.length };
  },
};

/** Little-endian; 0 beyond the file's end. */
const short = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

/** The first frame's descriptor, and the transparent colour that the extensions before it name. */
function findFrame(bytes: Uint8Array): { at: number; transparent: number } {
  let transparent = -1;
  let at = 13 + colourTable(bytes, 13, bytes[10]!).length;
  while (at + 10 <= bytes.length && bytes[at] !== 0x3b) {
    if (bytes[at] === 0x2c) return { at, transparent };
    if (bytes[at] !== 0x21) throw decodingFailed('damaged GIF data (an unknown block)');
    const control = bytes[at + 1] === 0xf9 && bytes[at + 2]! >= 4;
    if (control) transparent = (bytes[at + 3]! & 1) === 1 ? bytes[at + 6]! : -1;
    at = endOfBlocks(bytes, at + 2);
  }
  throw decodingFailed('a GIF without a frame');
}

/** @param flags of the screen or the frame that it belongs to */
function colourTable(bytes: Uint8Array, at: number, flags: number): Uint8Array {
  return bytes.subarray(at, (flags & 0x80) !== 0 ? at + 3 * (2 << (flags & 7)) : at);
}

/** Offset after the blocks that begin at `at`: each has its length before it, and one of 0 is the last. */
function endOfBlocks(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < bytes.length && bytes[next] !== 0) next += 1 + bytes[next]!;
  return next + 1;
}

function joinBlocks(bytes: Uint8Array, at: number): Uint8Array {
  const joined = new Uint8Array(Math.max(0, Math.min(endOfBlocks(bytes, at), bytes.length) - at));
  let length = 0;
  for (let next = at; next < bytes.length && bytes[next] !== 0; next += 1 + bytes[next]!) {
    const block = bytes.subarray(next + 1, next + 1 + bytes[next]!);
    joined.set(block, length);
    length += block.length;
  }
  return joined.subarray(0, length);
}

/** The rows of an interlaced frame in the order of the file. */
function interlacedRows(rows: number): Int32Array {
  const order = new Int32Array(rows);
  let index = 0;
  for (const [first, step] of passes) for (let y = first; y < rows; y += step) order[index++] = y;
  return order;
}
