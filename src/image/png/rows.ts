import { grey } from '../codec.ts';
import { createRaster, type Raster } from '../raster.ts';
import type { PngHeader } from './header.ts';
import type { WriteRow } from './pixels.ts';
import { unfilter } from './unfilter.ts';

/** A picture in the making: takes the inflated bytes as they come. */
export interface RowReader {
  readonly raster: Raster;
  /** Share of the pixels that did not come yet, 0 to 1. */
  readonly missing: number;
  /** False when nothing more is taken: every row is there, or one is damaged. */
  take(bytes: Uint8Array): boolean;
  /** Nothing more comes: pixels that are missing take the place of coarser passes' ones, or are grey. */
  finish(): Pick<RowReader, 'raster' | 'missing'>;
}

/** The pixels of one pass: (x, y), (x + dx, y), … in rows y, y + dy, … */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const wholePicture: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];

/** Adam7 (PNG specification, clause 8.2). */
const interlacedPasses: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** The pixels that are there after each of these passes: every so many columns and rows. */
const grids: readonly (readonly [dx: number, dy: number])[] = [
  [8, 8],
  [4, 8],
  [4, 4],
  [2, 4],
  [2, 2],
  [1, 2],
  [1, 1],
];

/** Reads rows one at a time: besides the raster it holds two of them. */
export function createRowReader(header: PngHeader, writeRow: WriteRow): RowReader {
  const { width, height } = header;
  const bitsPerPixel = header.channels * header.depth;
  const bytesPerPixel = Math.max(1, bitsPerPixel >> 3);
  const passes = (header.interlaced ? interlacedPasses : wholePicture).filter(
    ({ x, y }) => x < width && y < height,
  );
  const raster = createRaster(width, height);
  const longest = 1 + Math.ceil((width * bitsPerPixel) / 8);
  const buffers = [new Uint8Array(longest), new Uint8Array(longest)];

  let pass = 0;
  let damaged = false;
  let delivered = 0;
  let y = 0;
  let columns = 0;
  let filled = 0;
  let row = buffers[0]!;
  let above = buffers[1]!;

  /** Rows of a pass begin with the filter's byte; above the first one there are zeros. */
  const startPass = () => {
    const { x, dx } = passes[pass]!;
    y = passes[pass]!.y;
    columns = Math.ceil((width - x) / dx);
    const length = 1 + Math.ceil((columns * bitsPerPixel) / 8);
    row = buffers[0]!.subarray(0, length);
    above = buffers[1]!.subarray(0, length).fill(0);
  };

  const finishRow = () => {
    const { x, dx, dy } = passes[pass]!;
    const pixels = row.subarray(1);
    if (!unfilter(row[0]!, pixels, above.subarray(1), bytesPerPixel)) {
      damaged = true;
      return;
    }
    delivered += columns;
    writeRow(pixels, columns, raster.data, (y * width + x) * 3, dx * 3);
    [row, above] = [above, row];
    filled = 0;
    y += dy;
    if (y >= height && ++pass < passes.length) startPass();
  };

  const missing = () => 1 - delivered / (width * height);

  /** Pixels that did not come, from row `y` of the pass on. */
  const fill = () => {
    const { data } = raster;
    const before = interlacedPasses.indexOf(passes[pass]!) - 1;
    for (let row = 0; row < height; row++) {
      const grid = header.interlaced
        ? grids[row < y ? before + 1 : before]
        : row < y
          ? grids.at(-1)
          : undefined;
      if (!grid) {
        data.fill(grey, 3 * row * width, 3 * (row + 1) * width);
        continue;
      }
      const [dx, dy] = grid;
      const from = row - (row % dy);
      for (let x = 0; x < width; x++) {
        const source = 3 * (from * width + x - (x % dx));
        data.copyWithin(3 * (row * width + x), source, source + 3);
      }
    }
  };

  startPass();
  return {
    raster,
    get missing() {
      return missing();
    },
    take(bytes) {
      let at = 0;
      while (at < bytes.length && pass < passes.length && !damaged) {
        const part = bytes.subarray(at, at + row.length - filled);
        row.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === row.length) finishRow();
      }
      return pass < passes.length && !damaged;
    },
    finish() {
      if (pass < passes.length) fill();
      return { raster, missing: missing() };
    },
  };
}
