import type { Canvas } from '../../image/canvas.ts';
import type { Box } from '../../image/geometry.ts';
import { copyPixels, freeBytes, type PartialRaster, placeFor } from '../../image/raster.ts';
import { asTheyAre, type ImageValues, normalised } from '../image-input.ts';
import type { Images } from '../images.ts';
import type { MapPlace } from './layer-calls.ts';
import type { KernelMemory } from './memory.ts';
import type { Program } from './programs.ts';

/** A picture, of which an item's first map is made as it is drawn. */
export const pictureCanvas = (
  memory: KernelMemory,
  program: Program,
  place: MapPlace,
  { order }: ImageValues,
): Canvas => normalised(new PictureCanvas(memory, program, place), order === 'RGB' ? asTheyAre : backwards);

/** Values that nothing is done to, but that blue comes first. */
const backwards: ImageValues = { ...asTheyAre, order: 'BGR' };

/** Takes so many rows of a box at a time. */
class PictureCanvas implements Canvas {
  readonly width: number;
  readonly height: number;
  readonly #program: Program;
  readonly #place: MapPlace;
  readonly #bytes: Uint8Array;
  readonly #floats: Float32Array;

  constructor({ buffer }: KernelMemory, program: Program, place: MapPlace) {
    const [, height, width] = place.shape;
    this.width = width;
    this.height = height;
    this.#program = program;
    this.#place = place;
    this.#bytes = new Uint8Array(buffer);
    this.#floats = new Float32Array(buffer, program.rowsAddress, program.rowsBytes / 4);
  }

  put({ left, top, right, bottom }: Box, pixels: Float32Array): void {
    const { take, rowsAddress, rowsBytes } = this.#program;
    const columns = right - left;
    const row = this.#place.shape[0] * columns;
    const isAlike = pixels.length === row;
    const most = Math.floor(rowsBytes / (4 * row));
    for (let y = top; y < bottom; y += most) {
      const rows = Math.min(most, bottom - y);
      this.#floats.set(isAlike ? pixels : pixels.subarray((y - top) * row, (y - top + rows) * row));
      const rowBytes = isAlike ? 0 : 4 * row;
      take!.floats(
        rowsAddress,
        this.#addressOf(left, y),
        columns,
        rows,
        rowBytes,
        this.#place.plane.rowBytes,
      );
    }
  }

  copy(box: Box, raster: PartialRaster, left: number, top: number): void {
    const { take, rowsAddress, rowsBytes } = this.#program;
    const columns = box.right - box.left;
    const most = Math.floor((rowsBytes - freeBytes) / (3 * columns + freeBytes));
    for (let y = box.top; y < box.bottom; y += most) {
      const rows = Math.min(most, box.bottom - y);
      const first = top + y - box.top;
      const source = { left, top: first, right: left + columns, bottom: first + rows };
      const from = placeFor(raster, source, rowsAddress);
      copyPixels(raster, source, this.#bytes, from);
      const target = this.#addressOf(box.left, y);
      take!.bytes(from.at, target, columns, rows, from.rowBytes, this.#place.plane.rowBytes);
    }
  }

  #addressOf(x: number, y: number): number {
    const { address, plane } = this.#place;
    return address + y * plane.rowBytes + x * plane.pixelBytes;
  }
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
