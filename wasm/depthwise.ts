import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  i32,
  increment,
  type Local,
  named,
  repeat,
  type SizedKernel,
  settle,
  v128,
} from './assembler.ts';
import { at, type ConvShape, windowParameters } from './conv.ts';
import { finish, finishKey, tableBytes } from './finish.ts';
import type { Format, Instructions } from './formats.ts';
import { planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

/** Channels that a tile computes: as many as 16 bytes hold. */
export const depthwiseChannels = (format: Format): number => 16 / format.bytes;

/** Pixels of a tile: with more the sums and the weights of a row leave too few of 15 registers. */
const widest = 3;

/** Words that hold one column of a window, for one channel. */
export const wordsOfColumn = ({ group }: Format, rows: number): number => Math.ceil(rows / group);

/**
 * A depthwise convolution: every channel has a window of its own. A tile of pixels goes down the
 * rows of its windows, of integers two at a time, which are interleaved to words: what a column
 * holds is loaded once and serves all pixels that see it.
 */
export function depthwiseConv(isa: Instructions, shape: ConvShape): SizedKernel {
  const { input, output, residual, kernel, stride } = shape;
  const { format } = input;
  const channels = depthwiseChannels(format);
  const vectors = channels / 4;
  const tile = chooseTile(output.width, widest, (pixels) => pixels + 1);
  const columnsSeen = (tile - 1) * stride[1] + kernel[1];
  const words = wordsOfColumn(format, kernel[0]);

  function body(f: FunctionBuilder): Code {
    const { inputRow, weights, table, outputRow, residualRow, ...sizes } = named(f, windowParameters);
    const source = f.i32();
    const last = f.i32();
    const rows = Array.from({ length: format.group }, () => f.i32());
    const weight = f.i32();
    const blockWeights = f.i32();
    const blockTable = f.i32();
    const target = f.i32();
    const other = f.i32();
    const sums = Array.from({ length: tile }, () => f.v128s(vectors));
    const values = f.v128s(format.group);
    const column = f.v128s(vectors);
    const taps = Array.from({ length: kernel[1] }, () => f.v128s(vectors));

    /** Bytes from a window's row to one so many rows further down. */
    const downBy = (lines: number): Code => i32.mul(sizes.windowStep.get, i32.const(lines));

    const wordOfTile: Code = [
      taps.map((tap, x) => tap.map((vector, v) => vector.set(v128.load(weight.get, (x * vectors + v) * 16)))),
      Array.from({ length: columnsSeen }, (_, x) => [
        values.map((value, row) => value.set(v128.load(rows[row]!.get, x * input.pixelBytes))),
        format.interleave(values, column),
        sums.map(
          (pixelSums, pixel) =>
            taps[x - pixel * stride[1]]?.map((tap, v) => {
              const sum = pixelSums[v] as Local;
              return sum.set(format.accumulate(sum.get, tap.get, column[v]!.get));
            }) ?? [],
        ),
        settle(target, sums.flat()),
      ]),
      increment(weight, kernel[1] * vectors * 16),
    ];
    const nextRows: Code = rows.map((row, r) => {
      const next = i32.add(row.get, downBy(format.group));
      // Where rows come in pairs the last one may lack its second: any will do, its weights are zeros.
      return r === 0
        ? row.set(next)
        : [row.set(next), row.set(i32.select(row.get, last.get, i32.ltU(row.get, last.get)))];
    });
    const tileOfBlock: Code = [
      sums.map((pixelSums) => pixelSums.map((sum, v) => sum.set(v128.load(blockTable.get, 16 * v)))),
      rows.map((row, r) => row.set(i32.add(source.get, downBy(Math.min(r, kernel[0] - 1))))),
      last.set(i32.add(source.get, downBy(kernel[0] - 1))),
      weight.set(blockWeights.get),
      repeat(f, words, [wordOfTile, nextRows]),
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
    return countDown(sizes.rows, [
      sweep(f, sizes.columns, tile, (x) => [
        source.set(at(inputRow, x, stride[1] * input.pixelBytes)),
        target.set(at(outputRow, x, output.pixelBytes)),
        residual ? other.set(at(residualRow, x, residual.plane.pixelBytes)) : [],
        blockWeights.set(weights.get),
        blockTable.set(table.get),
        repeat(f, output.channels / channels, [
          tileOfBlock,
          increment(source, 16),
          increment(target, channels * output.format.bytes),
          residual ? increment(other, channels * residual.plane.format.bytes) : [],
          increment(blockWeights, kernel[1] * words * vectors * 16),
          increment(blockTable, tableBytes(format, shape, vectors)),
        ]),
      ]),
      advance(inputRow, sizes.inputStep),
      advance(outputRow, sizes.outputStep),
      residual ? advance(residualRow, sizes.residualStep) : [],
    ]);
  }

  return {
    kernel: {
      name: `depthwise ${kernel}/${stride} ${planeKey(input)} ${finishKey(shape)} by ${tile}`,
      parameters: windowParameters.length,
      body,
    },
    sizes: [
      output.height,
      output.width,
      stride[0] * input.rowBytes,
      input.rowBytes,
      output.rowBytes,
      residual?.plane.rowBytes ?? 0,
    ],
  };
}
