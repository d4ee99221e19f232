import {
  type Code,
  countDown,
  i8x16,
  i16x8,
  i32,
  i32x4,
  increment,
  type Local,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import { int32s } from './lanes.ts';

/** Fractional bits of positions. */
export const positionBits = 16;

/** Fractional bits of the weights that neighbouring pixels get. */
const weightBits = 8;

/**
 * One row of a raster under an affine map, 8-bit RGB, every pixel the mean of one or four bilinear
 * samples. Positions are counted in pixels times 2^{@link positionBits} from the first pixel's
 * centre; those outside the raster are moved to its border.
 *
 * Parameters: address of a table of vectors of four int32, of which the first two are x and y:
 * the step to the next pixel, the raster's last position, and for four samples the step to the
 * right and the step down; x and y of the first sample; address of the raster and bytes of its
 * rows; number of pixels, at least 1; address of the result. Reads up to a row and 8 bytes behind
 * the raster, and writes one byte behind the result.
 *
 * @param samples for each pixel
 */
export function warpRow(samples: 1 | 4): WasmFunction {
  const shift = 2 * weightBits + (samples === 4 ? 2 : 0);
  return wasmFunction(
    `warpRow ${samples}`,
    ['table', 'x', 'y', 'raster', 'rowBytes', 'width', 'target'],
    (f, { table, x, y, raster, rowBytes, width, target }) => {
      const [step, last, right, down] = f.v128s(4) as [Local, Local, Local, Local];
      const first = f.v128();
      const position = f.v128();
      const fraction = f.v128();
      const vertical = f.v128();
      const pixels = f.v128();
      const sum = f.v128();
      const at = f.i32();

      const addSample = (where: Code): Code => [
        position.set(i32x4.minS(i32x4.maxS(where, integers(0)), last.get)),
        at.set(
          i32.add(
            i32.add(raster.get, i32.mul(cell(position, 1), rowBytes.get)),
            i32.mul(cell(position, 0), i32.const(3)),
          ),
        ),
        fraction.set(v128.and(i32x4.shrS(position.get, i32.const(positionBits - weightBits)), integers(255))),
        // Two 16-bit weights in each lane: that of the row below, and what is left for this one.
        vertical.set(splatLane(i32x4.add(i32x4.mul(fraction.get, integers(65535)), integers(256)), 1)),
        pixels.set(
          i8x16.shuffle(v128.load64Zero(at.get), v128.load64Zero(i32.add(at.get, rowBytes.get)), bothRows),
        ),
        fraction.set(splatLane(fraction.get, 0)),
        sum.set(
          i32x4.add(
            sum.get,
            i32x4.add(
              i32x4.mul(
                i32x4.dotI16x8S(i16x8.extendLowI8x16U(pixels.get), vertical.get),
                i32x4.sub(integers(256), fraction.get),
              ),
              i32x4.mul(i32x4.dotI16x8S(i16x8.extendHighI8x16U(pixels.get), vertical.get), fraction.get),
            ),
          ),
        ),
      ];
      const positions =
        samples === 1
          ? [first.get]
          : [
              first.get,
              i32x4.add(first.get, right.get),
              i32x4.add(first.get, down.get),
              i32x4.add(i32x4.add(first.get, right.get), down.get),
            ];
      const words = i16x8.narrowI32x4S(
        i32x4.shrS(sum.get, i32.const(shift)),
        i32x4.shrS(sum.get, i32.const(shift)),
      );
      return [
        [step, last, right, down].map((vector, index) => vector.set(v128.load(table.get, 16 * index))),
        first.set(i32x4.replaceLane(i32x4.splat(x.get), 1, y.get)),
        countDown(width, [
          sum.set(integers(1 << (shift - 1))),
          positions.map(addSample),
          v128.store32Lane(target.get, i8x16.narrowI16x8U(words, words), 0),
          first.set(i32x4.add(first.get, step.get)),
          increment(target, 3),
        ]),
      ];
    },
  );
}

/**
 * Of 8 bytes of a row and 8 of the next: red, green and blue of a pixel, each beside the one below
 * it, in the lower half; those of the next pixel in the upper half.
 */
const bothRows = [0, 16, 1, 17, 2, 18, 15, 15, 3, 19, 4, 20, 5, 21, 15, 15];

const integers = (value: number): Code => int32s(value);

/** The pixel in which a position lies, along one axis. */
const cell = (position: Local, lane: number): Code =>
  i32x4.extractLane(i32x4.shrS(position.get, i32.const(positionBits)), lane);

const splatLane = (vector: Code, lane: number): Code =>
  i8x16.shuffle(
    vector,
    v128.const(new Int32Array(4)),
    Array.from({ length: 16 }, (_, byte) => 4 * lane + (byte % 4)),
  );
