import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  i32,
  increment,
  itemAddress,
  type Local,
  type Named,
  repeat,
  type SizedKernel,
  settle,
  v128,
  wasmFunction,
} from './assembler.ts';
import { type ConvShape, windowParameters } from './conv.ts';
import { finish, finishKey, tableBytes } from './finish.ts';
import type { Format, Instructions } from './formats.ts';
import { gateKey, throughGate } from './gate.ts';
import { planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

/** Channels that a tile computes: as many as 16 bytes hold. */
export const depthwiseChannels = (format: Format): number => 16 / format.bytes;

/** Pixels of a tile: with more the sums and the weights of a row leave too few of 15 registers. */
const widest = 3;

/**
 * Words that hold a window, for one channel: column by column those of as many rows as a word has values,
 * then those of neighbouring columns of the row that is left over.
 */
export const wordsOfWindow = ({ group }: Format, [rows, columns]: ConvShape['window']): number =>
  Math.floor(rows / group) * columns + (rows % group) * Math.ceil(columns / group);

/**
 * A depthwise convolution: every channel has a window of its own. A tile of pixels goes down the
 * rows of its windows, of integers two at a time, which are interleaved to words: what a column
 * holds is loaded once and serves all pixels that see it. Of a last row without a second one
 * neighbouring columns are interleaved.
 */
export function depthwiseConv(isa: Instructions, shape: ConvShape): SizedKernel {
  const { input, output, residual, window, stride, gate } = shape;
  const { format } = input;
  const channels = depthwiseChannels(format);
  const vectors = channels / 4;
  const tile = chooseTile(output.width, widest, (pixels) => pixels + 1);
  const columnsSeen = (tile - 1) * stride[1] + window[1];
  const wordsDown = Math.floor(window[0] / format.group);
  const windowBytes = wordsOfWindow(format, window) * vectors * 16;

  function body(
    f: FunctionBuilder,
    { inputRow, weights, table, outputRow, residualRow, gateRow, ...sizes }: Named<typeof windowParameters>,
  ): Code {
    const source = f.i32();
    const rows = Array.from({ length: format.group }, () => f.i32());
    const weight = f.i32();
    const blockWeights = f.i32();
    const blockTable = f.i32();
    const target = f.i32();
    const other = f.i32();
    const sums = Array.from({ length: tile }, () => f.v128s(vectors));
    const values = f.v128s(format.group);
    const column = f.v128s(vectors);
    const taps = Array.from({ length: window[1] }, () => f.v128s(vectors));
    /** By the first of two columns. */
    const tapsOfPair = taps.map((_, x) => (x % 2 === 0 ? taps[x / 2] : undefined));

    /** Bytes from a window's row to one so many rows further down. */
    const downBy = (lines: number): Code => i32.mul(sizes.windowStep.get, i32.const(lines));

    const loadTaps = (words: number): Code => [
      taps
        .slice(0, words)
        .map((tap, word) =>
          tap.map((vector, v) => vector.set(v128.load(weight.get, (word * vectors + v) * 16))),
        ),
      increment(weight, words * vectors * 16),
    ];
    /** Adds the products of interleaved values for every pixel that has a tap for them. */
    const accumulate = (ordered: readonly Local[], tapsOf: readonly (Local[] | undefined)[]): Code => [
      format.interleave(ordered, column),
      tapsOf.map((tap, pixel) =>
        (tap ?? []).map((vector, v) => {
          const sum = sums[pixel]![v]!;
          return sum.set(format.accumulate(sum.get, vector.get, column[v]!.get));
        }),
      ),
    ];
    const wholeWords: Code = [
      loadTaps(window[1]),
      Array.from({ length: columnsSeen }, (_, x) => [
        values.map((value, row) => value.set(v128.load(rows[row]!.get, x * input.pixelBytes))),
        accumulate(
          values,
          sums.map((_, pixel) => taps[x - pixel * stride[1]]),
        ),
        settle(target, sums.flat()),
      ]),
      rows.map((row) => row.set(i32.add(row.get, downBy(format.group)))),
    ];
    /** Two columns a word. */
    function lastRow(): Code {
      const places: (number | undefined)[] = [];
      const valueAt = (x: number) => values[x % 2]!;
      const load = (x: number): Code => {
        if (places[x % 2] === x) return [];
        places[x % 2] = x;
        return valueAt(x).set(v128.load(rows[0]!.get, x * input.pixelBytes));
      };
      return [
        loadTaps(Math.ceil(window[1] / 2)),
        Array.from({ length: columnsSeen }, (_, x) => {
          const tapsOf = sums.map((_, pixel) => tapsOfPair[x - pixel * stride[1]]);
          if (tapsOf.every((tap) => !tap)) return [];
          // The last column of a window may lack a second: any will do, its weights are zeros.
          const second = Math.min(x + 1, columnsSeen - 1);
          return [load(x), load(second), accumulate([valueAt(x), valueAt(second)], tapsOf)];
        }),
      ];
    }
    const tileOfBlock: Code = [
      sums.map((pixelSums) => pixelSums.map((sum, v) => sum.set(v128.load(blockTable.get, 16 * v)))),
      rows.map((row, r) => row.set(i32.add(source.get, downBy(r)))),
      weight.set(blockWeights.get),
      wordsDown > 0 ? repeat(f, wordsDown, wholeWords) : [],
      window[0] % format.group > 0 ? lastRow() : [],
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
      sweep(f, sizes.columns, tile, (x) =>
        throughGate(f, gate, gateRow, x, tile, [
          source.set(itemAddress(inputRow, x, stride[1] * input.pixelBytes)),
          target.set(itemAddress(outputRow, x, output.pixelBytes)),
          residual ? other.set(itemAddress(residualRow, x, residual.plane.pixelBytes)) : [],
          blockWeights.set(weights.get),
          blockTable.set(table.get),
          repeat(f, output.channels / channels, [
            tileOfBlock,
            increment(source, 16),
            increment(target, channels * output.format.bytes),
            residual ? increment(other, channels * residual.plane.format.bytes) : [],
            increment(blockWeights, windowBytes),
            increment(blockTable, tableBytes(format, shape, vectors)),
          ]),
        ]),
      ),
      advance(inputRow, sizes.inputStep),
      advance(outputRow, sizes.outputStep),
      residual ? advance(residualRow, sizes.residualStep) : [],
      gate ? advance(gateRow, sizes.gateStep) : [],
    ]);
  }

  return {
    kernel: wasmFunction(
      `depthwise ${window}/${stride} ${planeKey(input)} ${finishKey(shape)} by ${tile}${gateKey(gate)}`,
      windowParameters,
      body,
    ),
    sizes: [
      output.height,
      output.width,
      stride[0] * input.rowBytes,
      input.rowBytes,
      output.rowBytes,
      residual?.plane.rowBytes ?? 0,
      gate?.plane.rowBytes ?? 0,
    ],
  };
}
