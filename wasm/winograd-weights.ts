import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  i16x8,
  i32,
  i32x4,
  increment,
  type Local,
  type Named,
  v128,
  wasmFunction,
} from './assembler.ts';
import { blockChannels, wordsOfRun } from './conv.ts';
import type { Format } from './formats.ts';
import { int16s, int32s } from './lanes.ts';

/** The last parameters of kernels that go through weights in both forms; their values are {@link weightSizes}. */
const weightParameters = [
  'blocks',
  'vectors',
  'words',
  'rowBytes',
  'columnBytes',
  'wordBytes',
  'placeBytes',
] as const;

/**
 * Blocks of output channels, vectors in a word, words of a pixel; bytes of a window's row, its pixel, a word, and a
 * place.
 *
 * @param channels of the input and the output in memory
 */
export function weightSizes(format: Format, [channelsIn, channelsOut]: readonly [number, number]): number[] {
  const size = blockChannels(channelsOut);
  const words = channelsIn / format.group;
  const wordBytes = size * 4;
  const rowBytes = wordsOfRun({ format, channels: channelsIn }, 3) * wordBytes;
  const placeBytes = channelsIn * channelsOut * format.bytes;
  return [channelsOut / size, size / 4, words, rowBytes, words * wordBytes, wordBytes, placeBytes];
}

/** Goes through a convolution's weights, eight at a time: word by word, vector by vector. */
function eachVector(
  f: FunctionBuilder,
  { weights, transformed, ...sizes }: Named<readonly ['weights', 'transformed', ...typeof weightParameters]>,
  /** Where the first of a window's vectors is, and the first of the transformed ones. */
  work: (window: Local, square: Local) => Code,
  { before, after }: { before: Code; after: Code } = { before: [], after: [] },
): Code {
  const [left, wordsLeft, ofVector, ofWord, start] = Array.from({ length: 5 }, () => f.i32()) as Five;
  return countDown(sizes.blocks, [
    left.set(sizes.vectors.get),
    ofVector.set(weights.get),
    countDown(left, [
      before,
      ofWord.set(ofVector.get),
      start.set(i32.add(transformed.get, i32.sub(ofVector.get, weights.get))),
      wordsLeft.set(sizes.words.get),
      countDown(wordsLeft, [
        work(ofWord, start),
        advance(ofWord, sizes.wordBytes),
        advance(start, sizes.wordBytes),
      ]),
      after,
      increment(ofVector, 16),
    ]),
    // A block's weights are three rows here, and one there.
    [0, 1, 2].map(() => advance(weights, sizes.rowBytes)),
    transformed.set(i32.add(transformed.get, i32.mul(sizes.words.get, sizes.wordBytes.get))),
  ]);
}

type Five = [Local, Local, Local, Local, Local];

/**
 * Transforms a convolution's packed weights (see `conv.ts`).
 *
 * Parameters: addresses of the weights, of the transformed ones (by place and block of channels: words, channels,
 * two values of a word) and of results: of each vector of output channels the sums of its weights and of their
 * sizes, then the largest and the least values that came up, which tell what left 16 bits; {@link weightSizes}.
 */
export const winogradWeights = wasmFunction(
  'winogradWeights',
  ['weights', 'transformed', 'results', ...weightParameters],
  (f, { results, ...parameters }) => {
    const [pixel, row, target] = [f.i32(), f.i32(), f.i32()];
    const column = f.v128s(3);
    const halfway = Array.from({ length: 4 }, () => f.v128s(3));
    const [outer, value, sum, size, most, least] = f.v128s(6) as [...Five, Local];
    const noted = (local: Local, result: Code): Code => [
      local.set(result),
      most.set(i16x8.maxS(most.get, local.get)),
      least.set(i16x8.minS(least.get, local.get)),
    ];
    /** G applied to three items. */
    const transform = ([a, b, c]: readonly Local[], use: (result: Code, place: number) => Code): Code => [
      noted(outer, i16x8.addSatS(a!.get, c!.get)),
      [
        i16x8.addSatS(a!.get, a!.get),
        i16x8.addSatS(outer.get, b!.get),
        i16x8.subSatS(outer.get, b!.get),
        i16x8.addSatS(c!.get, c!.get),
      ].map(use),
    ];
    const total = (words: Code) => i32x4.dotI16x8S(words, int16s(1));
    const filters = (window: Local, square: Local): Code => [
      pixel.set(window.get),
      [0, 1, 2].map((x) => [
        row.set(pixel.get),
        column.map((weight) => [
          weight.set(v128.load(row.get)),
          sum.set(i32x4.add(sum.get, total(weight.get))),
          size.set(i32x4.add(size.get, total(i16x8.abs(weight.get)))),
          advance(row, parameters.rowBytes),
        ]),
        transform(column, (result, place) => noted(halfway[place]![x]!, result)),
        advance(pixel, parameters.columnBytes),
      ]),
      target.set(square.get),
      halfway.map((ofRow) =>
        transform(ofRow, (result) => [
          noted(value, result),
          v128.store(target.get, value.get),
          advance(target, parameters.placeBytes),
        ]),
      ),
    ];
    return [
      most.set(int16s(0)),
      least.set(int16s(0)),
      eachVector(f, parameters, filters, {
        before: [sum, size].map((each) => each.set(int32s(0))),
        after: [
          v128.store(results.get, sum.get),
          v128.store(results.get, size.get, 16),
          increment(results, 32),
        ],
      }),
      v128.store(results.get, most.get),
      v128.store(results.get, least.get, 16),
    ];
  },
);

/**
 * Makes a convolution's packed weights of the transformed ones, the very same.
 *
 * Parameters: addresses of the weights and the transformed ones; {@link weightSizes}.
 */
export const windowWeights = wasmFunction(
  'windowWeights',
  ['weights', 'transformed', ...weightParameters],
  (f, parameters) => {
    const [source, pixel, row] = [f.i32(), f.i32(), f.i32()];
    const items = f.v128s(4);
    const halfway = Array.from({ length: 4 }, () => f.v128s(3));
    const half = (item: Local | undefined): Code => i16x8.shrS(item!.get, i32.const(1));
    /** What G was applied to. Of the second and the third item either both are odd or none is. */
    const original = ([a, b, c, d]: readonly Local[]): readonly Code[] => [
      half(a),
      i16x8.sub(half(b), half(c)),
      half(d),
    ];
    return eachVector(f, parameters, (window, square) => [
      source.set(square.get),
      halfway.map((ofRow) => [
        items.map((item) => [item.set(v128.load(source.get)), advance(source, parameters.placeBytes)]),
        original(items).map((value, x) => ofRow[x]!.set(value)),
      ]),
      pixel.set(window.get),
      [0, 1, 2].map((x) => [
        row.set(pixel.get),
        original(halfway.map((ofRow) => ofRow[x]!)).map((value) => [
          v128.store(row.get, value),
          advance(row, parameters.rowBytes),
        ]),
        advance(pixel, parameters.columnBytes),
      ]),
    ]);
  },
);
