import { deflateSync } from 'node:zlib';
import type { PngChunk } from '../../src/image/png/chunks.ts';
import { writeChunks } from './write-chunks.ts';

/** A PNG file of any kind that the specification allows, for tests of reading it. */
export interface PngFile {
  readonly width: number;
  readonly height: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colourType: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly interlaced: boolean;
  /** 0 to 2^depth - 1, of each channel of each pixel. */
  readonly sample: (x: number, y: number, channel: number) => number;
  /** Chunks between the header and the data: a palette, transparency, metadata. */
  readonly chunks?: readonly PngChunk[];
}

const channelsOf: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Adam7: first column and row of each pass, and the steps to the next. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Every row takes the next of the five filters in turn. */
export function writePng({ width, height, colourType, depth, interlaced, sample, chunks = [] }: PngFile) {
  const channels = channelsOf[colourType]!;
  const step = Math.max(1, (channels * depth) >> 3);
  const rows: Uint8Array[] = [];
  let filter = 0;
  for (const [x0, y0, dx, dy] of interlaced ? adam7 : [[0, 0, 1, 1] as const]) {
    const columns = Math.ceil((width - x0) / dx);
    if (columns <= 0) continue;
    let above = new Uint8Array(Math.ceil((columns * channels * depth) / 8));
    for (let y = y0; y < height; y += dy) {
      const row = new Uint8Array(above.length);
      for (let column = 0; column < columns; column++) {
        for (let channel = 0; channel < channels; channel++) {
          put(row, column * channels + channel, depth, sample(x0 + column * dx, y, channel));
        }
      }
      rows.push(Uint8Array.of(filter), filtered(filter, row, above, step));
      filter = (filter + 1) % 5;
      above = row;
    }
  }
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([depth, colourType, 0, 0, Number(interlaced)], 8);
  const data = deflateSync(Buffer.concat(rows));
  const half = data.length >> 1;
  return writeChunks([
    { name: 'IHDR', data: header },
    ...chunks,
    { name: 'IDAT', data: data.subarray(0, half) },
    { name: 'IDAT', data: data.subarray(half) },
    { name: 'IEND', data: new Uint8Array(0) },
  ]);
}

/** Samples below 8 bits are packed from the highest bits down; 16 bits have the high byte first. */
function put(row: Uint8Array, index: number, depth: number, value: number): void {
  if (depth === 16) {
    row[2 * index] = value >> 8;
    row[2 * index + 1] = value & 255;
  } else {
    const bit = index * depth;
    row[bit >> 3]! |= value << (8 - depth - (bit & 7));
  }
}

function filtered(filter: number, row: Uint8Array, above: Uint8Array, step: number): Uint8Array {
  return row.map((value, at) => {
    const left = at < step ? 0 : row[at - step]!;
    const up = above[at]!;
    const corner = at < step ? 0 : above[at - step]!;
    const predictions = [0, left, up, (left + up) >> 1, nearestTo(left + up - corner, [left, up, corner])];
    return value - predictions[filter]!;
  });
}

/** Paeth's predictor: the nearest of the three, the first of equals. */
function nearestTo(target: number, candidates: readonly number[]): number {
  return candidates.reduce((best, value) =>
    Math.abs(target - value) < Math.abs(target - best) ? value : best,
  );
}
