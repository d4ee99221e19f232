import { canvasOn } from '../../src/image/canvas.ts';
import { type Box, wholeOf } from '../../src/image/geometry.ts';
import { createRaster, type Raster } from '../../src/image/raster.ts';
import { resizeInto } from '../../src/image/resize.ts';
import { warp } from '../../src/image/warp.ts';

/** Ways in which pictures get worse in the field, each as a function of a picture and the box of its face. */

export type Degradation = (picture: Raster, face: Box) => Raster;

/** By name, in the order of the report. */
export const degradations: Readonly<Record<string, Degradation>> = {
  half: (picture) => reduced(picture, 1 / 2),
  quarter: (picture) => reduced(picture, 1 / 4),
  blurred: (picture, { left, right }) => blurred(picture, 0.035 * (right - left)),
  'turned-15': (picture) => turned(picture, 15),
  'turned-30': (picture) => turned(picture, 30),
  'turned-45': (picture) => turned(picture, 45),
  'turned-60': (picture) => turned(picture, 60),
  'side-lit': sideLit,
};

/** @param share of the width and of the height that is left */
function reduced(picture: Raster, share: number): Raster {
  const width = Math.max(1, Math.round(picture.width * share));
  const height = Math.max(1, Math.round(picture.height * share));
  const pixels = new Float32Array(3 * width * height);
  const canvas = canvasOn(pixels, { width, height }, 'pixels');
  resizeInto(canvas, wholeOf(canvas), picture, wholeOf(picture));
  const result = createRaster(width, height);
  for (const [at, value] of pixels.entries()) result.data[at] = Math.min(255, Math.max(0, Math.round(value)));
  return result;
}

/** Under a Gaussian. @param sigma its standard deviation in pixels */
function blurred(picture: Raster, sigma: number): Raster {
  const reach = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, tap) =>
    Math.exp(-((tap - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const { width, height, data } = picture;
  /** The picture's border is repeated. */
  const along = (
    values: ArrayLike<number>,
    length: number,
    indexAt: (line: number) => number,
    line: number,
  ) =>
    kernel.reduce((total, weight, tap) => {
      const at = Math.min(Math.max(line + tap - reach, 0), length - 1);
      return total + (weight / sum) * values[indexAt(at)]!;
    }, 0);
  const rows = new Float32Array(data.length);
  const result = createRaster(width, height);
  const eachValue = (work: (x: number, y: number, channel: number, at: number) => void) => {
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++) for (let channel = 0; channel < 3; channel++) work(x, y, channel, at++);
  };
  eachValue((x, y, channel, at) => {
    rows[at] = along(data, width, (column) => 3 * (y * width + column) + channel, x);
  });
  eachValue((x, y, channel, at) => {
    result.data[at] = Math.round(along(rows, height, (row) => 3 * (row * width + x) + channel, y));
  });
  return result;
}

/** Grey level of the ground around a turned picture, 0 to 255. */
const around = 127;

/** Turned clockwise about its middle, on a larger grey ground. */
function turned(picture: Raster, degrees: number): Raster {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const { width, height } = picture;
  const wide = Math.ceil(width * cos + height * sin);
  const high = Math.ceil(width * sin + height * cos);
  const toPicture = {
    a: cos,
    b: sin,
    c: width / 2 - (cos * wide) / 2 - (sin * high) / 2,
    d: -sin,
    e: cos,
    f: height / 2 + (sin * wide) / 2 - (cos * high) / 2,
  };
  const result = warp(picture, toPicture, wide, high);
  for (let y = 0, at = 0; y < high; y++) {
    for (let x = 0; x < wide; x++, at += 3) {
      const column = toPicture.a * (x + 0.5) + toPicture.b * (y + 0.5) + toPicture.c;
      const row = toPicture.d * (x + 0.5) + toPicture.e * (y + 0.5) + toPicture.f;
      const inside = column >= 0 && column < width && row >= 0 && row < height;
      if (!inside) result.data.fill(around, at, at + 3);
    }
  }
  return result;
}

/** Brightness at the left and at the right edge of the face; in between it rises evenly. */
const [darkest, brightest] = [0.2, 1.1];

function sideLit({ width, height, data }: Raster, { left, right }: Box): Raster {
  const result = createRaster(width, height);
  for (let at = 0; at < data.length; at++) {
    const x = (Math.floor(at / 3) % width) + 0.5;
    const share = Math.min(Math.max((x - left) / (right - left), 0), 1);
    result.data[at] = Math.min(255, Math.round(data[at]! * (darkest + (brightest - darkest) * share)));
  }
  return result;
}
