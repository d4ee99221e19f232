import type { Box, Rows, Size } from './geometry.ts';
import { copyPixels, type PartialRaster } from './raster.ts';

/** An image that is drawn, a rectangle at a time. Pixels are red, green and blue, each 0 to 255. */
export interface Canvas extends Size {
  /** The rows that it takes: what is drawn in others may be left out. Absent: all. */
  readonly taken?: Rows;
  /**
   * Draws pixels.
   *
   * @param box whole pixels of the image
   * @param pixels of its rows, one behind the other; or of one row that all are like
   */
  put(box: Box, pixels: Float32Array): void;
  /**
   * Draws pixels of a raster as they are.
   *
   * @param left the raster's column that comes to the box's left; outside the raster its border is repeated
   * @param top the row that comes to the box's top
   */
  copy(box: Box, raster: PartialRaster, left: number, top: number): void;
}

/** A canvas on which all pixels are drawn alike. */
export function createCanvas({ width, height }: Size, put: Canvas['put']): Canvas {
  return {
    width,
    height,
    put,
    copy(box, raster, left, top) {
      const columns = box.right - box.left;
      const bytes = new Uint8Array(3 * columns);
      const pixels = new Float32Array(bytes.length);
      for (let y = box.top; y < box.bottom; y++) {
        const row = top + y - box.top;
        copyPixels(raster, { left, top: row, right: left + columns, bottom: row + 1 }, bytes);
        pixels.set(bytes);
        put({ ...box, top: y, bottom: y + 1 }, pixels);
      }
    },
  };
}

/** A canvas for an image of a height, of which another canvas takes some rows. */
export function canvasAround(band: Canvas, taken: Rows, height: number): Canvas {
  const { width } = band;
  /** Draws the rows of a box that are taken, if any, in their places. */
  const clipped = ({ top, bottom, ...columns }: Box, drawRows: (box: Box, first: number) => void) => {
    const [from, end] = [Math.max(top, taken.from), Math.min(bottom, taken.end)];
    if (from < end) drawRows({ ...columns, top: from - taken.from, bottom: end - taken.from }, from - top);
  };
  return {
    width,
    height,
    taken,
    put(box, pixels) {
      const row = 3 * (box.right - box.left);
      clipped(box, (part, first) => {
        const rows = part.bottom - part.top;
        band.put(part, pixels.length === row ? pixels : pixels.subarray(first * row, (first + rows) * row));
      });
    },
    copy(box, raster, left, top) {
      clipped(box, (part, first) => band.copy(part, raster, left, top + first));
    },
  };
}

/** A canvas in memory. @param values take each pixel's colours, or each colour's pixels */
export function canvasOn(values: Float32Array, size: Size, layout: 'pixels' | 'planes'): Canvas {
  const { width } = size;
  const [step, between] = layout === 'pixels' ? [3, 1] : [1, values.length / 3];
  return createCanvas(size, ({ left, top, right, bottom }, pixels) => {
    for (let y = top, from = 0; y < bottom; y++) {
      if (from === pixels.length) from = 0;
      for (let to = step * (y * width + left); to < step * (y * width + right); to += step)
        for (let colour = 0; colour < 3; colour++) values[to + colour * between] = pixels[from++]!;
    }
  });
}
