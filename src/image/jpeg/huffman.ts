import { decodingFailed } from '../codec.ts';

/** A Huffman table as the file has it: how many codes of 1 to 16 bits there are, and their symbols. */
export interface HuffmanCode {
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

/** Bits that one look-up resolves: nearly every code together with its value. */
export const lookupBits = 10;

/** Where, after the look-up, the tables for longer codes begin. */
const limits = 1 << lookupBits;
const shifts = limits + 17;
const entries = shifts + 17;

/**
 * A table for decoding: `table[next bits]` is an entry, see {@link entryOf}; 0 means that the code is
 * longer, see {@link longEntry}. All in one array, so that the decoders' loops see one type.
 */
export type HuffmanTable = Int32Array;

/**
 * One entry, from the lowest bit: 5 bits of code length, 7 bits of step (zeros before the
 * coefficient, plus 1), 4 bits of value length, 16 bits of value. Where the look-up saw the value
 * as well, its bits count in the first field and the value length is 0.
 */
const entryOf = (length: number, symbol: number, valueLength: number, value: number): number =>
  length | (((symbol >> 4) + 1) << 5) | (valueLength << 12) | (value << 16);

/** @throws PhizError IMAGE_DECODING_FAILED where the lengths are those of no prefix code */
export function createHuffmanTable({ counts, symbols }: HuffmanCode): HuffmanTable {
  const table = new Int32Array(entries + symbols.length);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    table[shifts + length] = index - code;
    for (let left = counts[length - 1]!; left > 0; left--, index++, code++) {
      if (code >= 1 << length) throw decodingFailed('a JPEG with an impossible Huffman table');
      const symbol = symbols[index]!;
      table[entries + index] = entryOf(length, symbol, symbol & 15, 0);
      if (length <= lookupBits) fillLookup(table, code << (lookupBits - length), length, symbol);
    }
    // One past the last code of this length, as the highest of 16 bits.
    table[limits + length] = code << (16 - length);
    code <<= 1;
  }
  return table;
}

/** Entries for every way in which the bits after a code may go on. */
function fillLookup(table: HuffmanTable, first: number, length: number, symbol: number): void {
  const rest = lookupBits - length;
  const valueLength = symbol & 15;
  if (valueLength > rest) {
    table.fill(entryOf(length, symbol, valueLength, 0), first, first + (1 << rest));
    return;
  }
  const each = 1 << (rest - valueLength);
  for (let raw = 0; raw < 1 << valueLength; raw++) {
    const entry = entryOf(length + valueLength, symbol, 0, extend(raw, valueLength));
    table.fill(entry, first + raw * each, first + (raw + 1) * each);
  }
}

/** The value that `length` bits stand for (ITU-T T.81, F.2.2.1). */
export const extend = (raw: number, length: number): number =>
  raw < 1 << (length - 1) ? raw - (1 << length) + 1 : raw;

/** The entry of a code of more than {@link lookupBits} bits, or 0 where `next`, 16 bits, begins with none. */
export function longEntry(table: HuffmanTable, next: number): number {
  for (let length = lookupBits + 1; length <= 16; length++) {
    if (next < table[limits + length]!) {
      return table[entries + (next >> (16 - length)) + table[shifts + length]!]!;
    }
  }
  return 0;
}
