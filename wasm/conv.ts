import {
  type Code,
  doWhile,
  type FunctionBuilder,
  i32,
  increment,
  type Local,
  repeat,
  v128,
  type WasmFunction,
} from './assembler.ts';
import { type Finish, finish, finishKey, start, tableBytes } from './finish.ts';
import type { Format, Instructions } from './formats.ts';
import { type Plane, planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

/** Output channels that a tile computes: two vectors of sums. */
export const blockChannels = 8;
const vectors = blockChannels / 4;

/** Widest tile in pixels: with its 12 sums, two vectors of weights and one value it fills 16 registers. */
const widestTile = 6;

export interface ConvShape extends Finish {
  readonly input: Plane;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [vertical: number, horizontal: number];
}

/**
 * A convolution as a matrix product whose left side is never written out: for one row of the
 * window the channels of its pixels lie side by side in memory, so a row is one run of words.
 * A tile of pixels × 8 channels keeps its sums in registers; along a row of tiles the weights of
 * the 8 channels stay in the first-level cache.
 *
 * Parameters: address of the first window's corner, of the weights, of the table, of the output's
 * pixel (0, 0) and of the residual's.
 */
export function conv(isa: Instructions, shape: ConvShape): WasmFunction {
  const { input, output, residual, kernel, stride } = shape;
  const { format } = input;
  const runBytes = kernel[1] * input.pixelBytes;
  const unrolled = divisorUpTo(8, runBytes / 4);
  const tile = chooseTile(output.width, widestTile, (pixels) => cyclesOfWord(pixels, format));
  const weightBytes = kernel[0] * (runBytes / 4) * vectors * 16;

  function body(f: FunctionBuilder): Code {
    const [inputRow, weights, table, outputRow, residualRow] = f.parameters as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const block = f.i32();
    const blockWeights = f.i32();
    const blockTable = f.i32();
    const windowRow = f.i32();
    const values = f.i32();
    const weight = f.i32();
    const target = f.i32();
    const other = f.i32();
    const sums = Array.from({ length: tile }, () => f.v128s(vectors));
    const weightVectors = f.v128s(vectors);
    const value = f.v128();

    const multiplyWord = (word: number): Code => [
      weightVectors.map((vector, v) => vector.set(v128.load(weight.get, (word * vectors + v) * 16))),
      sums.map((pixelSums, pixel) => [
        value.set(v128.load32Splat(values.get, pixel * stride[1] * input.pixelBytes + word * 4)),
        pixelSums.map((sum, v) => sum.set(format.accumulate(sum.get, weightVectors[v]!.get, value.get))),
      ]),
    ];
    const run: Code = [
      Array.from({ length: unrolled }, (_, word) => multiplyWord(word)),
      increment(weight, unrolled * vectors * 16),
    ];
    const windowRuns =
      unrolled * 4 === runBytes
        ? run
        : repeat(f, runBytes / (unrolled * 4), [run, increment(values, unrolled * 4)]);
    const tileOfBlock = (x: Local): Code => [
      sums.flatMap((pixelSums) => pixelSums.map((sum, v) => sum.set(start(format, blockTable.get, v)))),
      weight.set(blockWeights.get),
      windowRow.set(at(inputRow, x, stride[1] * input.pixelBytes)),
      repeat(f, kernel[0], [values.set(windowRow.get), windowRuns, increment(windowRow, input.rowBytes)]),
      target.set(
        i32.add(
          at(outputRow, x, output.pixelBytes),
          i32.mul(block.get, i32.const(blockChannels * output.format.bytes)),
        ),
      ),
      residual
        ? other.set(
            i32.add(
              at(residualRow, x, residual.plane.pixelBytes),
              i32.mul(block.get, i32.const(blockChannels * residual.plane.format.bytes)),
            ),
          )
        : [],
      sums.map((pixelSums, pixel) =>
        finish(isa, format, shape, pixelSums, {
          table: blockTable.get,
          output: target.get,
          outputOffset: pixel * output.pixelBytes,
          residual: other.get,
          residualOffset: pixel * (residual?.plane.pixelBytes ?? 0),
        }),
      ),
    ];
    return repeat(f, output.height, [
      blockWeights.set(weights.get),
      blockTable.set(table.get),
      block.set(i32.const(0)),
      doWhile(
        [
          sweep(f, output.width, tile, tileOfBlock),
          increment(blockWeights, weightBytes),
          increment(blockTable, tableBytes(format, vectors)),
          increment(block, 1),
        ],
        i32.ltU(block.get, i32.const(output.channels / blockChannels)),
      ),
      increment(inputRow, stride[0] * input.rowBytes),
      increment(outputRow, output.rowBytes),
      residual ? increment(residualRow, residual.plane.rowBytes) : [],
    ]);
  }

  return {
    name: `conv ${kernel}/${stride} ${planeKey(input)} ${finishKey(shape)}`,
    parameters: 5,
    body,
  };
}

/**
 * Cycles that one word of a tile takes, roughly: two sums a pixel at two instructions a cycle, but
 * no less than a sum waits for the one before it.
 */
const cyclesOfWord = (pixels: number, { instructions }: Format): number =>
  Math.max(pixels * instructions, 5) + 1;

/** The address of item `index`. */
export const at = (base: Local, index: Local, bytes: number): Code =>
  i32.add(base.get, i32.mul(index.get, i32.const(bytes)));

function divisorUpTo(most: number, value: number): number {
  let divisor = most;
  while (value % divisor !== 0) divisor--;
  return divisor;
}
