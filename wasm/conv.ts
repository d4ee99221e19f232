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
import { type Finish, finish, finishKey, tableBytes } from './finish.ts';
import type { Instructions } from './formats.ts';
import { type Plane, planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

/** Output channels that a tile computes. */
export const blockChannels = (channels: number): 8 | 16 => (channels % 16 === 0 ? 16 : 8);

/** Vectors of sums in a tile: with the weights, a value and a product they fit 15 registers. */
const mostSums = 8;

/** Bytes of a run of rows that are taken as one: with a block's weights it stays in the first-level cache. */
const mergedBytes = 8192;

/** Weights up to so many bytes stay in the first-level cache whole: then a tile takes all its channels at once. */
const cachedWeights = 20480;

/** Words that hold a row of a window, of which the last may look into the next pixel. */
export const wordsOfRun = (
  { format, channels }: Pick<Plane, 'format' | 'channels'>,
  columns: number,
): number => Math.ceil((columns * channels) / format.group);

export interface ConvShape extends Finish {
  readonly input: Plane;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [vertical: number, horizontal: number];
}

/**
 * A convolution as a matrix product whose left side is never written out: for one row of the
 * window the channels of its pixels lie side by side in memory, so a row is one run of words.
 * A tile of pixels × channels keeps its sums in registers; either all weights stay in the first-level
 * cache or those of the tile's channels, along a row of tiles.
 *
 * Parameters: address of the first window's corner, of the weights, of the table, of the output's
 * pixel (0, 0) and of the residual's.
 */
export function conv(isa: Instructions, given: ConvShape): WasmFunction {
  const shape = mergeRows(given);
  const { input, output, residual, kernel, stride } = shape;
  const { format } = input;
  const channels = blockChannels(output.channels);
  const vectors = channels / 4;
  const runWords = wordsOfRun(input, kernel[1]);
  const tile = chooseTile(output.width, mostSums / vectors, (pixels) => pixels + 0.5);
  const weightBytes = kernel[0] * runWords * vectors * 16;

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

    // One word at a time: V8 before version 12 puts off what more of them compute until registers run out.
    const run = repeat(f, runWords, [
      weightVectors.map((vector, v) => vector.set(v128.load(weight.get, v * 16))),
      sums.map((pixelSums, pixel) => [
        value.set(v128.load32Splat(values.get, pixel * stride[1] * input.pixelBytes)),
        pixelSums.map((sum, v) => sum.set(format.accumulate(sum.get, weightVectors[v]!.get, value.get))),
      ]),
      increment(weight, vectors * 16),
      increment(values, 4),
    ]);
    const tileOfBlock = (x: Local): Code => [
      sums.map((pixelSums) => pixelSums.map((sum, v) => sum.set(v128.load(blockTable.get, 16 * v)))),
      weight.set(blockWeights.get),
      windowRow.set(at(inputRow, x, stride[1] * input.pixelBytes)),
      repeat(f, kernel[0], [values.set(windowRow.get), run, increment(windowRow, input.rowBytes)]),
      target.set(
        i32.add(
          at(outputRow, x, output.pixelBytes),
          i32.mul(block.get, i32.const(channels * output.format.bytes)),
        ),
      ),
      residual
        ? other.set(
            i32.add(
              at(residualRow, x, residual.plane.pixelBytes),
              i32.mul(block.get, i32.const(channels * residual.plane.format.bytes)),
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
    const eachBlock = (inner: Code): Code => [
      blockWeights.set(weights.get),
      blockTable.set(table.get),
      block.set(i32.const(0)),
      doWhile(
        [
          inner,
          increment(blockWeights, weightBytes),
          increment(blockTable, tableBytes(format, shape, vectors)),
          increment(block, 1),
        ],
        i32.ltU(block.get, i32.const(output.channels / channels)),
      ),
    ];
    return [
      repeat(f, output.height, [
        fitsCache(shape)
          ? sweep(f, output.width, tile, (x) => eachBlock(tileOfBlock(x)))
          : eachBlock(sweep(f, output.width, tile, tileOfBlock)),
        increment(inputRow, stride[0] * input.rowBytes),
        increment(outputRow, output.rowBytes),
        residual ? increment(residualRow, residual.plane.rowBytes) : [],
      ]),
    ];
  }

  return {
    name: `conv ${kernel}/${stride} ${planeKey(input)} ${finishKey(shape)}`,
    parameters: 5,
    body,
  };
}

/**
 * A 1×1 convolution does not see rows: where they follow each other without a gap, several make
 * one, so that tiles fit and a block's weights are read less often.
 */
function mergeRows(shape: ConvShape): ConvShape {
  const { input, output, residual, kernel, stride } = shape;
  const planes = [input, output, ...(residual ? [residual.plane] : [])];
  const pointwise = [...kernel, ...stride].every((size) => size === 1);
  if (!pointwise || planes.some(({ rowBytes, width, pixelBytes }) => rowBytes !== width * pixelBytes))
    return shape;
  const rowBytes = Math.max(...planes.map((plane) => plane.rowBytes));
  const most = fitsCache(shape) ? output.height : Math.max(1, Math.floor(mergedBytes / rowBytes));
  const rows = divisorUpTo(most, output.height);
  const merged = (plane: Plane): Plane => ({
    ...plane,
    width: plane.width * rows,
    height: plane.height / rows,
    rowBytes: plane.rowBytes * rows,
  });
  return {
    ...shape,
    input: merged(input),
    output: merged(output),
    ...(residual && { residual: { ...residual, plane: merged(residual.plane) } }),
  };
}

function fitsCache({ input, output, kernel }: ConvShape): boolean {
  return kernel[0] * wordsOfRun(input, kernel[1]) * output.channels * 4 <= cachedWeights;
}

function divisorUpTo(most: number, value: number): number {
  let divisor = most;
  while (value % divisor !== 0) divisor--;
  return divisor;
}

/** The address of item `index`. */
export const at = (base: Local, index: Local, bytes: number): Code =>
  i32.add(base.get, i32.mul(index.get, i32.const(bytes)));
