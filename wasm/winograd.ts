import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  i16x8,
  i32,
  i32x4,
  ifElse,
  increment,
  itemAddress,
  type Local,
  type Named,
  repeat,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import { blockChannels } from './conv.ts';
import { type Finish, finish, finishKey, tableBytes } from './finish.ts';
import type { Instructions } from './formats.ts';
import { int16s } from './lanes.ts';
import { type Plane, planeKey } from './plane.ts';
import { sweep } from './sweep.ts';

/**
 * A 3×3 convolution of integers by Winograd's minimal filtering: of a square of 4×4 pixels (d) and a filter (g),
 * both transformed, 16 products make what takes 36 for the 2×2 pixels in the middle. With
 *
 *     D = B^T d B,  B^T = 1  0 -1  0     F = G g G^T,  G = 2  0  0     A^T = 1  1  1  0
 *                         0  1  1  0                       1  1  1           0  1 -1 -1
 *                         0 -1  1  0                       1 -1  1
 *                         0  1  0 -1                       0  0  2
 *
 * and M the sums over channels of D's and F's values at each of the 16 places, A^T M A is four times the four
 * sums of the convolution. All are integers, and additions may wrap around: a sum that lies within
 * 2^29 of a middle that is known beforehand comes out as it is, bit for bit. That is so for an input of
 * which no value is larger than a limit; another one is left to {@link conv}.
 *
 * Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (2015), 4.1; here G is
 * doubled.
 */
export interface WinogradShape extends Finish {
  /** Of integers that are not negative, at most {@link largestValue}, in whole vectors of channels. */
  readonly input: Plane;
}

/** Places of a transformed square, and the one whose values are sums of four: row 1, column 1. */
export const places = 16;
export const middlePlace = 5;

/** The largest stored value of an input: sums of four keep to 16 bits, less {@link middleOffset}. */
export const largestValue = 16383;

/** Transformed values at {@link middlePlace} are so much smaller than they should be. */
export const middleOffset = 32768;

/** Squares in a row or column of so many pixels. */
export const squaresIn = (pixels: number): number => Math.ceil(pixels / 2);

/** The buffers between the three kernels, in bytes, by the number of squares. */
export const bufferBytes = (
  { input, output }: { readonly input: Plane; readonly output: Plane },
  squares: number,
): { values: number; sums: number } => ({
  values: places * squares * input.channels * 2,
  sums: places * squares * output.channels * 4,
});

/** A kernel that does its work only where no stored value of a map is larger than a limit, or only elsewhere. */
export function guarded({ name, parameters, body }: WasmFunction, where: 'small' | 'large'): WasmFunction {
  return {
    name: `${name} if ${where}`,
    // Behind its own: the address of the eight words whose largest is the map's; the limit.
    parameters: parameters + 2,
    body(f) {
      const [largest, limit] = f.parameters.slice(parameters) as [Local, Local];
      const isLarge = v128.anyTrue(i16x8.gtS(v128.load(largest.get), i16x8.splat(limit.get)));
      const work = body(f);
      return where === 'large' ? ifElse(isLarge, work, []) : ifElse(isLarge, [], work);
    },
  };
}

/**
 * Transforms the squares of a map: place by place, square by square, channels innermost. They reach a pixel
 * beyond the map on all sides, and one more where its height or width is odd.
 *
 * Parameters: addresses of the pixel (-1, -1), of the values and of eight words, which grow to the largest values of
 * the map, whose largest will be one of them; rows and columns of squares; bytes of a row and of a place.
 */
export function winogradInput(input: Plane): WasmFunction {
  const { channels, pixelBytes } = input;
  return wasmFunction(
    `squares of ${planeKey(input)}`,
    ['inputRow', 'values', 'largest', 'rows', 'columns', 'rowBytes', 'placeBytes'],
    (f, { inputRow, values, largest, rows, columns, rowBytes, placeBytes }) => {
      const corner = f.i32();
      const left = f.i32();
      const target = f.i32();
      const lines = Array.from({ length: 4 }, () => f.i32());
      const [first, second, third, fourth] = lines as [Local, Local, Local, Local];
      const column = f.v128s(4);
      const most = f.v128();
      const add = (a: Code, b: Code) => i16x8.add(a, b);
      const difference = (a: Code, b: Code) => i16x8.sub(a, b);
      /** B^T applied to four items. */
      const transformed = <Item>(
        [a, b, c, d]: readonly Item[],
        make: (operation: typeof add, one: Item, other: Item) => Code,
      ): Code[] => [
        make(difference, a!, c!),
        make(add, b!, c!),
        make(difference, c!, b!),
        make(difference, b!, d!),
      ];
      const pixel = (line: Local, x: number) => v128.load(line.get, x * pixelBytes);
      const rowsOfLines = transformed(lines, (operation, one, other) =>
        column.map((value, x) => value.set(operation(pixel(one, x), pixel(other, x)))),
      );
      const offset = int16s(-middleOffset);
      const square = rowsOfLines.map((row, y) => [
        row,
        transformed(column, (operation, one, other) => operation(one.get, other.get)).map((value, x) => [
          v128.store(target.get, 4 * y + x === middlePlace ? i16x8.add(value, offset) : value),
          advance(target, placeBytes),
        ]),
      ]);
      return [
        most.set(v128.load(largest.get)),
        countDown(rows, [
          corner.set(inputRow.get),
          left.set(columns.get),
          countDown(left, [
            first.set(corner.get),
            [second, third, fourth].map((line, above) => line.set(i32.add(lines[above]!.get, rowBytes.get))),
            repeat(f, channels / 8, [
              [second, third].map((line) =>
                [1, 2].map((x) => most.set(i16x8.maxS(most.get, pixel(line, x)))),
              ),
              target.set(values.get),
              square,
              increment(values, 16),
              lines.map((line) => increment(line, 16)),
            ]),
            increment(corner, 2 * pixelBytes),
          ]),
          advance(inputRow, rowBytes),
          advance(inputRow, rowBytes),
        ]),
        v128.store(largest.get, most.get),
      ];
    },
  );
}

/** Vectors of sums in a tile: as in `conv.ts`. */
const mostSums = 8;

/**
 * The matrix product of each place: squares × channels of the input, times channels of the input × of the output.
 *
 * Parameters: addresses of the values, of the weights (by place and block of channels: words, channels, two
 * values of a word), of what each place's sums start from, and of the sums, which are stored like the values, in
 * 32 bits; the number of squares.
 */
export function winogradProducts(
  { i16 }: Instructions,
  { input, output }: Pick<WinogradShape, 'input' | 'output'>,
): WasmFunction {
  const channels = blockChannels(output.channels);
  const vectors = channels / 4;
  const words = input.channels / 2;
  const tile = mostSums / vectors;
  const squareBytes = { values: input.channels * 2, sums: output.channels * 4 };
  return wasmFunction(
    `products of squares ${planeKey(input)} -> ${output.channels} by ${tile}`,
    ['values', 'weights', 'starts', 'products', 'squares'],
    (f, { values, weights, starts, products, squares }) => {
      const block = f.i32();
      const word = f.i32();
      const weight = f.i32();
      const target = f.i32();
      const sums = Array.from({ length: tile }, () => f.v128s(vectors));
      const weightVectors = f.v128s(vectors);
      const value = f.v128();
      const tileOfBlock = (square: Local): Code => [
        sums.map((ofSquare) => ofSquare.map((sum, v) => sum.set(v128.load(starts.get, 16 * v)))),
        weight.set(weights.get),
        word.set(itemAddress(values, square, squareBytes.values)),
        // One word at a time: see `conv.ts`.
        repeat(f, words, [
          weightVectors.map((vector, v) => vector.set(v128.load(weight.get, 16 * v))),
          sums.map((ofSquare, index) => [
            value.set(v128.load32Splat(word.get, index * squareBytes.values)),
            ofSquare.map((sum, v) => sum.set(i16.accumulate(sum.get, weightVectors[v]!.get, value.get))),
          ]),
          increment(weight, 16 * vectors),
          increment(word, 4),
        ]),
        target.set(itemAddress(block, square, squareBytes.sums)),
        sums.map((ofSquare, index) =>
          ofSquare.map((sum, v) => v128.store(target.get, sum.get, index * squareBytes.sums + 16 * v)),
        ),
      ];
      return repeat(f, places, [
        block.set(products.get),
        repeat(f, output.channels / channels, [
          sweep(f, squares, tile, tileOfBlock),
          increment(block, 16 * vectors),
          increment(weights, words * 16 * vectors),
          increment(starts, 16 * vectors),
        ]),
        [[values, squareBytes.values] as const, [products, squareBytes.sums] as const].map(
          ([address, bytes]) => address.set(itemAddress(address, squares, bytes)),
        ),
      ]);
    },
  );
}

const outputParameters = [
  'products',
  'middles',
  'table',
  'outputRow',
  'residualRow',
  'rows',
  'columns',
  'placeBytes',
  'evenHeight',
  'evenWidth',
  'outputStep',
  'residualStep',
] as const;

/**
 * Makes the output's pixels of the sums of products.
 *
 * Parameters: addresses of those sums, of each channel's middle, with its bias, of the table (see `finish.ts`), of
 * the pixel (0, 0) of the output and of the residual; rows and columns of squares; bytes of a place; 1
 * for an even height, else 0, and the same of the width; bytes of a row of the output and of the residual.
 */
export function winogradOutput(isa: Instructions, shape: WinogradShape): WasmFunction {
  const { input, output, residual } = shape;
  const channels = blockChannels(output.channels);
  const vectors = channels / 4;
  const pixelBytes = { output: output.pixelBytes, residual: residual?.plane.pixelBytes ?? 0 };

  function body(
    f: FunctionBuilder,
    { products, middles, table, outputRow, residualRow, ...sizes }: Named<typeof outputParameters>,
  ): Code {
    const left = f.i32();
    const [blockMiddles, blockTable] = [f.i32(), f.i32()];
    const [corner, otherCorner, target, other] = [f.i32(), f.i32(), f.i32(), f.i32()];
    const [hasBelow, hasBeside] = [f.i32(), f.i32()];
    const placeOffsets = Array.from({ length: places }, () => f.i32());
    const columns = f.v128s(4);
    const sums = [f.v128s(vectors), f.v128s(vectors)] as const;

    /** Of three items that A^T takes for its first row, or its second. */
    const combined = (row: 0 | 1, [a, b, c, d]: readonly Code[]): Code =>
      row === 0 ? i32x4.add(i32x4.add(a!, b!), c!) : i32x4.sub(i32x4.sub(b!, c!), d!);
    const sumAt = (y: number, x: number, v: number): Code =>
      v128.load(i32.add(products.get, placeOffsets[4 * y + x]!.get), 16 * v);
    /** The address of a square's pixel; of one beyond the map, that of its neighbour. */
    const pixelAt = (start: Local, row: 0 | 1, column: 0 | 1, rowBytes: Local, bytes: number): Code => {
      const down = i32.mul(hasBelow.get, rowBytes.get);
      const inRow = row === 0 ? start.get : i32.add(start.get, down);
      return column === 0 ? inRow : i32.add(inRow, i32.mul(hasBeside.get, i32.const(bytes)));
    };
    const pixelsOfRow = (row: 0 | 1): Code => [
      Array.from({ length: vectors }, (_, v) => [
        columns.map((column, x) =>
          column.set(
            combined(
              row,
              [0, 1, 2, 3].map((y) => sumAt(y, x, v)),
            ),
          ),
        ),
        sums.map((pixelSums, column) => {
          const fourfold = combined(
            column as 0 | 1,
            columns.map((value) => value.get),
          );
          const sum = i32x4.shrS(fourfold, i32.const(2));
          return pixelSums[v]!.set(i32x4.add(sum, v128.load(blockMiddles.get, 16 * v)));
        }),
      ]),
      // What lies beyond the map is written where its neighbour will be.
      ([1, 0] as const).map((column) => [
        target.set(pixelAt(corner, row, column, sizes.outputStep, pixelBytes.output)),
        residual ? other.set(pixelAt(otherCorner, row, column, sizes.residualStep, pixelBytes.residual)) : [],
        finish(isa, input.format, shape, sums[column], {
          table: blockTable.get,
          output: target.get,
          outputOffset: 0,
          residual: other.get,
          residualOffset: 0,
        }),
      ]),
    ];
    /** 1, but in the last row or column of squares only where that is even. */
    const unlessLast = (count: Local, even: Local): Code =>
      i32.select(i32.const(1), even.get, i32.gtU(count.get, i32.const(1)));
    return [
      placeOffsets.map((offset, place) => offset.set(i32.mul(sizes.placeBytes.get, i32.const(place)))),
      countDown(sizes.rows, [
        hasBelow.set(unlessLast(sizes.rows, sizes.evenHeight)),
        corner.set(outputRow.get),
        otherCorner.set(residualRow.get),
        left.set(sizes.columns.get),
        countDown(left, [
          hasBeside.set(unlessLast(left, sizes.evenWidth)),
          blockMiddles.set(middles.get),
          blockTable.set(table.get),
          repeat(f, output.channels / channels, [
            pixelsOfRow(1),
            pixelsOfRow(0),
            increment(products, 16 * vectors),
            increment(blockMiddles, 16 * vectors),
            increment(blockTable, tableBytes(input.format, shape, vectors)),
            increment(corner, channels * output.format.bytes),
            increment(otherCorner, channels * (residual?.plane.format.bytes ?? 0)),
          ]),
          increment(corner, pixelBytes.output),
          increment(otherCorner, pixelBytes.residual),
        ]),
        [[outputRow, sizes.outputStep] as const, [residualRow, sizes.residualStep] as const].map(
          ([row, step]) => [advance(row, step), advance(row, step)],
        ),
      ]),
    ];
  }
  return wasmFunction(`pixels of squares ${planeKey(input)} ${finishKey(shape)}`, outputParameters, body);
}
