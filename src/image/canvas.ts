import type { Box, Size } from './geometry.ts';
import { copyPixels, type PartialRaster } from './raster.ts';

/** An image that is drawn, a rectangle at a time. Pixels are red, green and blue, each 0 to 255. */
export interface Canvas extends Size {
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
        copyPixels(raster, { left, top: row, right: left + columns, bottom: row + 1 }, bytes, 0);
        pixels.set(bytes);
        put({ ...box, top: y, bottom: y + 1 }, pixels);
      }
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
