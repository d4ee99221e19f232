import {
  type Code,
  type FunctionBuilder,
  increment,
  type Local,
  repeat,
  v128,
  type WasmFunction,
} from './assembler.ts';
import { at, type ConvShape } from './conv.ts';
import { finish, finishKey, start, tableBytes } from './finish.ts';
import type { Format, Instructions } from './formats.ts';
import { planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

/** Channels that a tile computes: as many as 16 bytes hold. */
export const depthwiseChannels = (format: Format): number => 16 / format.bytes;

/** Words that hold one column of a window, for one channel. */
export const wordsOfColumn = (format: Format, rows: number): number => Math.ceil(rows / format.group);

/**
 * A depthwise convolution: every channel has a window of its own. The rows of a column of the
 * window are interleaved to words once, then serve every pixel of the tile that sees the column.
 *
 * Parameters: as those of {@link conv}.
 */
export function depthwiseConv(isa: Instructions, shape: ConvShape): WasmFunction {
  const { input, output, residual, kernel, stride } = shape;
  const { format } = input;
  const vectors = depthwiseChannels(format) / 4;
  const tile = chooseTile(output.width, Math.min(4, 8 / vectors), (pixels) => pixels + 1);
  const words = wordsOfColumn(format, kernel[0]);
  const weightBytes = kernel[1] * words * vectors * 16;
  const columns = (tile - 1) * stride[1] + kernel[1];

  function body(f: FunctionBuilder): Code {
    const [inputRow, weights, table, outputRow, residualRow] = f.parameters as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const source = f.i32();
    const weight = f.i32();
    const blockTable = f.i32();
    const target = f.i32();
    const other = f.i32();
    const sums = Array.from({ length: tile }, () => f.v128s(vectors));
    const rows = f.v128s(format.group);
    const column = f.v128s(vectors);

    /** Word `word` of column `x`, into the sums of all pixels whose window has the column. */
    const multiplyColumn = (x: number, word: number): Code => [
      rows.map((row, r) => {
        const y = Math.min(word * format.group + r, kernel[0] - 1);
        return row.set(v128.load(source.get, y * input.rowBytes + x * input.pixelBytes));
      }),
      format.interleave(rows, column),
      sums.map((pixelSums, pixel) => {
        const tap = x - pixel * stride[1];
        if (tap < 0 || tap >= kernel[1]) return [];
        const index = tap * words + word;
        return pixelSums.map((sum, v) => {
          const weightVector = v128.load(weight.get, (index * vectors + v) * 16);
          return sum.set(format.accumulate(sum.get, weightVector, column[v]!.get));
        });
      }),
    ];
    const tileOfBlock: Code = [
      sums.map((pixelSums) => pixelSums.map((sum, v) => sum.set(start(format, blockTable.get, v)))),
      Array.from({ length: columns }, (_, x) =>
        Array.from({ length: words }, (_, word) => multiplyColumn(x, word)),
      ),
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
    return [
      repeat(f, output.height, [
        sweep(f, output.width, tile, (x) => [
          source.set(at(inputRow, x, stride[1] * input.pixelBytes)),
          target.set(at(outputRow, x, output.pixelBytes)),
          residual ? other.set(at(residualRow, x, residual.plane.pixelBytes)) : [],
          weight.set(weights.get),
          blockTable.set(table.get),
          repeat(f, output.channels / (4 * vectors), [
            tileOfBlock,
            increment(source, 16),
            increment(target, 4 * vectors * output.format.bytes),
            residual ? increment(other, 4 * vectors * residual.plane.format.bytes) : [],
            increment(weight, weightBytes),
            increment(blockTable, tableBytes(format, vectors)),
          ]),
        ]),
        increment(inputRow, stride[0] * input.rowBytes),
        increment(outputRow, output.rowBytes),
        residual ? increment(residualRow, residual.plane.rowBytes) : [],
      ]),
    ];
  }

  return {
    name: `depthwise ${kernel}/${stride} ${planeKey(input)} ${finishKey(shape)}`,
    parameters: 5,
    body,
  };
}
