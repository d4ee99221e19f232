import type { Face } from '../face/face.ts';
import type { Box, Point } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import { glyphHeight, glyphWidth, isInked } from './font.ts';

type Colour = readonly [red: number, green: number, blue: number];

const accent: Colour = [38, 222, 160];
const ink: Colour = [12, 20, 18];

/** Pixels of the picture's longer side for each pixel of a line's width. */
const sidePerLine = 640;

/** A copy of a picture with what was found drawn on it: boxes, landmarks, and a label for each face. */
export function annotate(raster: Raster, faces: readonly Face[]): Raster {
  const copy = { ...raster, data: raster.data.slice() };
  const line = Math.max(1, Math.round(Math.max(raster.width, raster.height) / sidePerLine));
  for (const { box, landmarks } of faces) {
    drawFrame(copy, box, line);
    for (const point of landmarks?.all ?? landmarks?.five ?? []) drawDot(copy, point, line);
  }
  for (const face of faces) drawLabel(copy, labelOf(face), face.box, line);
  return copy;
}

/** The label of a face, e.g. `female 24 happy`; empty where no such attribute was asked for. */
function labelOf({ gender, age, emotions }: Face): string {
  const parts = [gender?.label, age?.toFixed(0), emotions?.[0]?.label];
  return parts.filter((part) => part !== undefined).join(' ');
}

function drawFrame(raster: Raster, { left, top, right, bottom }: Box, line: number): void {
  fill(raster, { left, top, right, bottom: top + line }, accent);
  fill(raster, { left, top: bottom - line, right, bottom }, accent);
  fill(raster, { left, top, right: left + line, bottom }, accent);
  fill(raster, { left: right - line, top, right, bottom }, accent);
}

function drawDot(raster: Raster, { x, y }: Point, line: number): void {
  const left = Math.round(x - line / 2);
  const top = Math.round(y - line / 2);
  fill(raster, { left, top, right: left + line, bottom: top + line }, accent);
}

/** Text on a plate above a box, or inside it where there is no room above. */
function drawLabel(raster: Raster, text: string, box: Box, line: number): void {
  if (text === '') return;
  const width = (text.length * (glyphWidth + 1) + 3) * line;
  const height = (glyphHeight + 4) * line;
  const left = Math.max(0, Math.min(box.left, raster.width - width));
  const top = box.top >= height ? box.top - height : box.top;
  fill(raster, { left, top, right: left + width, bottom: top + height }, accent);
  for (const [index, character] of [...text].entries()) {
    const x = left + (2 + index * (glyphWidth + 1)) * line;
    drawGlyph(raster, character, x, top + 2 * line, line);
  }
}

function drawGlyph(raster: Raster, character: string, left: number, top: number, size: number): void {
  for (let row = 0; row < glyphHeight; row++) {
    for (let column = 0; column < glyphWidth; column++) {
      if (!isInked(character, column, row)) continue;
      const x = left + column * size;
      const y = top + row * size;
      fill(raster, { left: x, top: y, right: x + size, bottom: y + size }, ink);
    }
  }
}

/** Fills the part of a box of whole pixels that lies in the raster. */
function fill({ data, width, height }: Raster, box: Box, colour: Colour): void {
  const left = Math.max(0, box.left);
  const right = Math.min(width, box.right);
  for (let y = Math.max(0, box.top); y < Math.min(height, box.bottom); y++) {
    for (let x = left; x < right; x++) data.set(colour, 3 * (y * width + x));
  }
}
