import type { Canvas } from '../../image/canvas.ts';
import type { Box } from '../../image/geometry.ts';
import { copyPixels, freeBytes, placeFor } from '../../image/raster.ts';
import { asTheyAre, type ImageValues, normalised } from '../image-input.ts';
import type { Images } from '../images.ts';
import type { MapPlace } from './layer-calls.ts';
import type { KernelMemory } from './memory.ts';
import type { Program } from './programs.ts';

/** A picture, of which an item's first map is made as it is drawn. */
export function pictureCanvas(
  memory: KernelMemory,
  { take, rowsAddress, rowsBytes }: Program,
  { shape, plane, address }: MapPlace,
  { order }: ImageValues,
): Canvas {
  const [channels, height, width] = shape;
  const bytes = new Uint8Array(memory.buffer);
  const floats = new Float32Array(memory.buffer, rowsAddress, rowsBytes / 4);
  /** So many rows of a box at a time. */
  const inBands = (
    { left, top, right, bottom }: Box,
    most: number,
    takeRows: (columns: number, y: number, rows: number, target: number) => void,
  ) => {
    const columns = right - left;
    for (let y = top; y < bottom; y += most)
      takeRows(
        columns,
        y - top,
        Math.min(most, bottom - y),
        address + y * plane.rowBytes + left * plane.pixelBytes,
      );
  };
  const canvas: Canvas = {
    width,
    height,
    put(box, pixels) {
      const row = channels * (box.right - box.left);
      inBands(box, Math.floor(rowsBytes / (4 * row)), (columns, y, rows, target) => {
        const isAlike = pixels.length === row;
        floats.set(isAlike ? pixels : pixels.subarray(y * row, (y + rows) * row));
        take!.floats(rowsAddress, target, columns, rows, isAlike ? 0 : 4 * row, plane.rowBytes);
      });
    },
    copy(box, raster, left, top) {
      const most = Math.floor((rowsBytes - freeBytes) / (3 * (box.right - box.left) + freeBytes));
      inBands(box, most, (columns, y, rows, target) => {
        const source = { left, top: top + y, right: left + columns, bottom: top + y + rows };
        const place = placeFor(raster, source, rowsAddress);
        copyPixels(raster, source, bytes, place);
        take!.bytes(place.at, target, columns, rows, place.rowBytes, plane.rowBytes);
      });
    },
  };
  return normalised(canvas, { ...asTheyAre, order });
}

/** Puts an item of a batch in the place of its first map, where a program reads it. */
export type Load = (item: number, place: MapPlace, program: Program) => void;

/** Puts images where a program reads them. What is the mirror image of another is not drawn. */
export function loaderOf(
  memory: KernelMemory,
  { values, draw, mirrors = () => false }: Pick<Images, 'values' | 'draw' | 'mirrors'>,
): Load {
  return (item, place, program) => {
    const { plane, address } = place;
    const bytes = plane.height * plane.rowBytes;
    if (mirrors(item)) {
      const mirrored = memory.scratch(bytes);
      new Uint8Array(memory.buffer).copyWithin(address, mirrored, mirrored + bytes);
    } else draw(item, pictureCanvas(memory, program, place, values));
    if (mirrors(item + 1))
      program.take!.mirrored(address, memory.scratch(bytes), plane.width, plane.height, plane.rowBytes);
  };
}
