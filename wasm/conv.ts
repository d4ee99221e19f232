import {
  advance,
  type Code,
  countDown,
  doWhile,
  type FunctionBuilder,
  i32,
  increment,
  itemAddress,
  type Local,
  type Named,
  repeat,
  type SizedKernel,
  v128,
  wasmFunction,
} from './assembler.ts';
import { type Finish, finish, finishKey, tableBytes } from './finish.ts';
import type { Instructions } from './formats.ts';
import { type GateShape, gateKey, throughGate } from './gate.ts';
import { type Plane, planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

/** Output channels that a tile computes. */
export const blockChannels = (channels: number): 8 | 16 => (channels % 16 === 0 ? 16 : 8);

/** Vectors of sums in a tile: with the weights, a value and a product they fit 15 registers. */
const mostSums = 8;

/** Weights up to so many bytes stay in the first-level cache whole: then a tile takes all its channels at once. */
const cachedWeights = 20480;

/** Words that hold a row of a window, of which the last may look into the next pixel. */
export const wordsOfRun = (
  { format, channels }: Pick<Plane, 'format' | 'channels'>,
  columns: number,
): number => Math.ceil((columns * channels) / format.group);

export interface ConvShape extends Finish {
  readonly input: Plane;
  readonly window: readonly [height: number, width: number];
  readonly stride: readonly [vertical: number, horizontal: number];
  /**
   * Rows and columns from one of the window's to its next; other than 1 where the input has whole words
   * of channels alone, and of plain convolutions.
   */
  readonly dilation: readonly [vertical: number, horizontal: number];
  /** Absent: the output is made everywhere. */
  readonly gate?: GateShape;
}

/**
 * Addresses of the first window's corner, of the weights, of the table, of the output's pixel (0, 0), of
 * the residual's and of the gate's; then the rows to go along, their pixels, and bytes: from a row's first window
 * to the next one's, and from a row to the next of the window, the output, the residual and the gate.
 */
export const windowParameters = [
  'inputRow',
  'weights',
  'table',
  'outputRow',
  'residualRow',
  'gateRow',
  'rows',
  'columns',
  'inputStep',
  'windowStep',
  'outputStep',
  'residualStep',
  'gateStep',
] as const;

/** Also bytes of the gaps within what is taken as one row, and what counts those rows: see {@link reciprocalBits}. */
const parameters = [...windowParameters, 'outputGap', 'residualGap', 'reciprocal'] as const;

/**
 * A convolution as a matrix product whose left side is never written out: for one row of the
 * window the channels of its pixels lie side by side in memory, so a row is one run of words; of a
 * dilated one each pixel is.
 * A tile of pixels × channels keeps its sums in registers; either all weights stay in the first-level
 * cache or those of the tile's channels, along a row of tiles.
 */
export function conv(isa: Instructions, shape: ConvShape): SizedKernel {
  const { input, output, residual, window, stride, dilation, gate } = shape;
  const { format } = input;
  const channels = blockChannels(output.channels);
  const vectors = channels / 4;
  const runs = dilation[1] === 1 ? 1 : window[1];
  const runWords = wordsOfRun(input, window[1] / runs);
  const strip = stripOf(shape, mostSums / vectors);
  const width = output.width * strip;
  const tile = chooseTile(width, mostSums / vectors, tileCost);
  const gapOf = (plane: Plane | undefined) =>
    plane && strip > 1 ? plane.rowBytes - output.width * plane.pixelBytes : 0;
  const dilated = dilation.some((step) => step > 1);
  const gapped = [output, residual?.plane].some((plane) => gapOf(plane) > 0);
  const weightBytes = window[0] * runs * runWords * vectors * 16;

  function body(
    f: FunctionBuilder,
    { inputRow, weights, table, outputRow, residualRow, gateRow, ...sizes }: Named<typeof parameters>,
  ): Code {
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
    const oneRun = repeat(f, runWords, [
      weightVectors.map((vector, v) => vector.set(v128.load(weight.get, v * 16))),
      sums.map((pixelSums, pixel) => [
        value.set(v128.load32Splat(values.get, pixel * stride[1] * input.pixelBytes)),
        pixelSums.map((sum, v) => sum.set(format.accumulate(sum.get, weightVectors[v]!.get, value.get))),
      ]),
      increment(weight, vectors * 16),
      increment(values, 4),
    ]);
    const windowLine =
      runs === 1
        ? oneRun
        : repeat(f, runs, [oneRun, increment(values, (dilation[1] - 1) * input.pixelBytes)]);
    const tileOfBlock = (x: Local): Code => [
      sums.map((pixelSums) => pixelSums.map((sum, v) => sum.set(v128.load(blockTable.get, 16 * v)))),
      weight.set(blockWeights.get),
      windowRow.set(itemAddress(inputRow, x, stride[1] * input.pixelBytes)),
      repeat(f, window[0], [values.set(windowRow.get), windowLine, advance(windowRow, sizes.windowStep)]),
      sums.map((pixelSums, pixel) => {
        const to = inStrip(output, outputRow, sizes.outputGap, x, pixel);
        const from = residual && inStrip(residual.plane, residualRow, sizes.residualGap, x, pixel);
        return [
          to.address ? target.set(to.address) : [],
          from?.address ? other.set(from.address) : [],
          finish(isa, format, shape, pixelSums, {
            table: blockTable.get,
            output: target.get,
            outputOffset: to.offset,
            residual: other.get,
            residualOffset: from?.offset ?? 0,
          }),
        ];
      }),
    ];
    /**
     * Where the channels of a tile's pixel lie: by an address, unless it is that of the tile's first, and
     * an offset. The strip's rows may have gaps between them.
     */
    function inStrip(
      { pixelBytes, format: { bytes } }: Plane,
      row: Local,
      gap: Local,
      x: Local,
      pixel: number,
    ): { address?: Code; offset: number } {
      if (!gapped && pixel > 0) return { offset: pixel * pixelBytes };
      const index = i32.add(x.get, i32.const(pixel));
      const inBlock = i32.mul(block.get, i32.const(channels * bytes));
      const address = i32.add(i32.add(row.get, i32.mul(index, i32.const(pixelBytes))), inBlock);
      if (!gapped) return { address, offset: 0 };
      const above = i32.shrS(i32.mul(index, sizes.reciprocal.get), i32.const(reciprocalBits));
      return { address: i32.add(address, i32.mul(above, gap.get)), offset: 0 };
    }
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
    const gated = (x: Local, inner: Code) => throughGate(f, gate, gateRow, x, tile, inner);
    return countDown(sizes.rows, [
      fitsCache(shape)
        ? sweep(f, sizes.columns, tile, (x) => gated(x, eachBlock(tileOfBlock(x))))
        : eachBlock(sweep(f, sizes.columns, tile, (x) => gated(x, tileOfBlock(x)))),
      advance(inputRow, sizes.inputStep),
      advance(outputRow, sizes.outputStep),
      residual ? advance(residualRow, sizes.residualStep) : [],
      gate ? advance(gateRow, sizes.gateStep) : [],
    ]);
  }

  return {
    kernel: wasmFunction(
      `conv ${window}/${stride}${dilated ? `, every ${dilation}` : ''} ${planeKey(input)} ${finishKey(shape)} by ${tile}${gapped ? ', gaps' : ''}${gateKey(gate)}`,
      parameters,
      body,
    ),
    sizes: [
      output.height / strip,
      width,
      strip * stride[0] * input.rowBytes,
      dilation[0] * input.rowBytes,
      strip * output.rowBytes,
      residual ? strip * residual.plane.rowBytes : 0,
      gate ? strip * gate.plane.rowBytes : 0,
      gapOf(output),
      gapOf(residual?.plane),
      Math.ceil(2 ** reciprocalBits / output.width),
    ],
  };
}

/**
 * Bits behind the point of one over a width. A pixel's number times that is exact in front of the point
 * for 2^bits / width² rows, and stays below 2^31 for 2^(30 - bits).
 */
const reciprocalBits = 20;

/** Bytes of a strip's input at most, so that it stays in the second-level cache. */
const stripBytes = 131072;

/**
 * Rows that are taken as one. A 1×1 convolution does not see rows: where those of its input follow
 * each other without a gap, and the gate's too, fewer tiles overlap.
 */
function stripOf({ input, output, window, stride, gate }: ConvShape, widest: number): number {
  const pointwise = [...window, ...stride].every((size) => size === 1);
  const gapless = (plane: Plane) => plane.rowBytes === plane.width * plane.pixelBytes;
  if (!pointwise || !gapless(input) || (gate && !gapless(gate.plane))) return 1;
  const { width, height } = output;
  const countable = Math.min(2 ** reciprocalBits / width ** 2, 2 ** (30 - reciprocalBits));
  const most = Math.min(height, countable, stripBytes / input.rowBytes);
  const costOf = (rows: number) => (rowCost(rows * width, widest) * height) / rows;
  let best = 1;
  for (let rows = 2; rows <= most; rows++)
    if (height % rows === 0 && costOf(rows) < costOf(best)) best = rows;
  return best;
}

const tileCost = (pixels: number): number => pixels + 0.5;

const rowCost = (width: number, widest: number): number => {
  const tile = chooseTile(width, widest, tileCost);
  return Math.ceil(width / tile) * tileCost(tile);
};

function fitsCache({ input, output, window }: ConvShape): boolean {
  return window[0] * wordsOfRun(input, window[1]) * output.channels * 4 <= cachedWeights;
}
