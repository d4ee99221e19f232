import {
  type Code,
  countDown,
  i8x16,
  i16x8,
  i32,
  increment,
  type Local,
  v128,
  wasmFunction,
} from './assembler.ts';
import { int8s } from './lanes.ts';

/** Bytes of a block of {@link foldBlocks}: sixteen words of four bytes. */
export const foldedBytes = 64;

/** The remainder of every byte, by the polynomial of the PNG specification (annex D), bits reversed. */
export const remainders: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

/**
 * Makes blocks of bytes one block that has the same remainder. What a word adds to it is what the word's own
 * remainder adds, a block further on. Remainders are sums of those of half bytes, which vectors look up.
 *
 * Parameters: address and number of the blocks, at least 1; address of a block that comes before them, which
 * becomes the result.
 */
export const foldBlocks = wasmFunction(
  'foldBlocks',
  ['source', 'blocks', 'result'],
  (f, { source, blocks, result }) => {
    /** Of sixteen words, the first bytes, the second ones and so on. */
    const folded = f.v128s(4);
    const sums = f.v128s(4);
    const [low, high] = f.v128s(2) as [Local, Local];
    const pairs = f.v128s(4);
    const load = (address: Local): Code =>
      sums.map((sum, index) => sum.set(byBytes(v128.load(address.get, 16 * index))));
    const turn = (to: readonly Local[]): Code => transpose(sums, pairs, to);
    return [
      load(result),
      turn(folded),
      countDown(blocks, [
        load(source),
        turn(sums),
        folded.map((bytes, byte) => [
          low.set(v128.and(bytes.get, int8s(15))),
          high.set(v128.and(i16x8.shrU(bytes.get, i32.const(4)), int8s(15))),
          sums.map((sum, place) =>
            sum.set(
              v128.xor(
                sum.get,
                v128.xor(
                  i8x16.swizzle(v128.const(moved(byte, 1, place)), low.get),
                  i8x16.swizzle(v128.const(moved(byte, 16, place)), high.get),
                ),
              ),
            ),
          ),
        ]),
        folded.map((bytes, index) => bytes.set(sums[index]!.get)),
        increment(source, foldedBytes),
      ]),
      turn(folded),
      folded.map((words, index) => v128.store(result.get, byBytes(words.get), 16 * index)),
    ];
  },
);

/**
 * Of each half byte, one byte of its remainder a block further on.
 *
 * @param byte place of the half byte in its word
 * @param unit what half bytes are multiples of: 1 or 16
 * @param place of the remainder's byte
 */
const moved = (byte: number, unit: 1 | 16, place: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, half) => {
    let remainder = remainders[half * unit]!;
    for (let zeros = foldedBytes - 1 - byte; zeros > 0; zeros--) {
      remainder = remainders[remainder & 255]! ^ (remainder >>> 8);
    }
    return remainder >>> (8 * place);
  });

/** The first bytes of four words, the second ones and so on; and the other way round. */
const byBytes = (words: Code): Code =>
  i8x16.swizzle(
    words,
    v128.const(Uint8Array.from({ length: 16 }, (_, byte) => 4 * (byte % 4) + (byte >> 2))),
  );

/** Rows of four words into columns. @param pairs are overwritten */
const transpose = (rows: readonly Local[], pairs: readonly Local[], columns: readonly Local[]): Code => {
  const words = (one: Local, other: Local, places: readonly number[]): Code =>
    i8x16.shuffle(
      one.get,
      other.get,
      places.flatMap((place) => [0, 1, 2, 3].map((byte) => 4 * place + byte)),
    );
  return [
    pairs.map((pair, index) =>
      pair.set(words(rows[index & 2]!, rows[(index & 2) + 1]!, index % 2 ? [2, 6, 3, 7] : [0, 4, 1, 5])),
    ),
    columns.map((column, index) =>
      column.set(
        words(pairs[index >> 1]!, pairs[(index >> 1) + 2]!, index % 2 ? [2, 3, 6, 7] : [0, 1, 4, 5]),
      ),
    ),
  ];
};
