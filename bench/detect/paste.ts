import { canvasOn } from '../../src/image/canvas.ts';
import { type Box, wholeOf } from '../../src/image/geometry.ts';
import { createRaster, type Raster } from '../../src/image/raster.ts';
import { resizeInto } from '../../src/image/resize.ts';

/** A face to paste: a part of a photograph with the face in its middle. */
export interface Patch {
  readonly raster: Raster;
  /** Where the part lies in the photograph, in its pixels; it may reach outside. */
  readonly part: Box;
  /** Longer side of the face's box in the photograph's pixels. */
  readonly faceSize: number;
}

/** Side of the square that a patch shows around the face, as a multiple of its box's longer side. */
const surroundings = 2;

/** The part of a photograph around a face's box. */
export function patchAround(raster: Raster, { left, top, right, bottom }: Box): Patch {
  const faceSize = Math.max(right - left, bottom - top);
  const half = (surroundings * faceSize) / 2;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return { raster, part: { left: x - half, top: y - half, right: x + half, bottom: y + half }, faceSize };
}

/** Where a face of a size goes in a picture, as shares of the room that is left for it. */
export interface PastePlace {
  readonly x: number;
  readonly y: number;
}

/** The corners, the middles of the borders and the middle come first. */
export const pastePlaces: readonly PastePlace[] = [0, 0.5, 1]
  .flatMap((y) => [0, 0.5, 1].map((x) => ({ x, y })))
  .concat([0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => ({ x, y }))));

/**
 * Pastes a face so that its box touches the borders at the places' ends; what does not fit into
 * the picture is cut off.
 *
 * @param size longer side of the box there, in pixels
 * @returns the square around the face
 */
export function paste(
  target: Raster,
  { raster, part, faceSize }: Patch,
  size: number,
  place: PastePlace,
): Box {
  const left = Math.round(place.x * (target.width - size));
  const top = Math.round(place.y * (target.height - size));
  const side = Math.round(((part.right - part.left) * size) / faceSize);
  const pixels = new Float32Array(3 * side * side);
  const canvas = canvasOn(pixels, { width: side, height: side }, 'pixels');
  resizeInto(canvas, wholeOf(canvas), raster, part);
  const fromX = left - Math.round((side - size) / 2);
  const fromY = top - Math.round((side - size) / 2);
  for (let y = Math.max(0, -fromY); y < side && fromY + y < target.height; y++) {
    for (let x = Math.max(0, -fromX); x < side && fromX + x < target.width; x++) {
      const to = 3 * ((fromY + y) * target.width + fromX + x);
      for (let channel = 0; channel < 3; channel++) {
        target.data[to + channel] = Math.round(pixels[3 * (y * side + x) + channel]!);
      }
    }
  }
  return { left, top, right: left + size, bottom: top + size };
}

/** A picture without faces: colours that run softly into each other, with some grain. */
export function background(width: number, height: number, random: () => number): Raster {
  const raster = createRaster(width, height);
  const phases = [random(), random(), random()].map((phase) => 2 * Math.PI * phase);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grain = 12 * random();
      for (let channel = 0; channel < 3; channel++) {
        const wave = Math.sin((3 * x) / width + phases[channel]!) * Math.cos((2 * y) / height + channel);
        raster.data[at++] = 120 + 60 * wave + grain;
      }
    }
  }
  return raster;
}
