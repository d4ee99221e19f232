import { countedTogether, mostCounted } from '../../../wasm/prefix-code.ts';
import { pixelKernels } from '../kernels.ts';

/**
 * Writes zlib streams (RFC 1950) whose blocks code each byte by how often it occurs and look for
 * no repetitions (RFC 1951, dynamic Huffman codes). Filtered photographs hardly repeat: such a
 * stream is about as long as one of a full search and is written ten times faster.
 */

/** Most bytes that share a code: what follows in a large picture may look different. */
export const codedTogether = 1 << 18;

/** Every byte, and the mark that ends a block. */
const endOfBlock = 256;
const symbols = 257;

/** Of a symbol, above which its count stands where symbols are sorted by that; the two together have 28. */
const symbolBits = 9;

/** The format's limit. */
const longestCode = 15;

/** Most bits that a block has besides its bytes: its header and mark. */
const blockOverhead = 3 + 14 + 19 * 3 + 4 * (symbols + 1) + longestCode;

/**
 * Most bytes that the codes of so many take: on average no code is longer than eight bits and a little, that
 * of the block's mark. Those that are overwritten behind them count.
 */
const mostBytes = (count: number): number => 16 + Math.ceil((9 * count) / 8);

/** Addresses in the kernels' memory: what they go on with, and numbers for each byte. What is coded lies behind. */
const state = 0;
const table = 16;
export const codersMemory = table + 4 * 256 * countedTogether;

/** How often each symbol of a block occurs. @param sums are gone on with, see {@link countBytes} */
function countsOf(source: number, count: number, sums: Uint32Array): Uint32Array {
  const kernels = pixelKernels();
  const buffer = kernels.reserve(source + count);
  const tables = new Uint32Array(buffer, table, 256 * countedTogether).fill(0);
  const summed = new Uint32Array(buffer, state, sums.length);
  summed.set(sums);
  for (let at = 0; at < count; at += mostCounted) {
    kernels.countBytes(source + at, Math.min(mostCounted, count - at), table, state);
  }
  sums.set(summed);
  const counts = new Uint32Array(symbols);
  for (let at = 0; at < tables.length; at++) counts[at % 256]! += tables[at]!;
  counts[endOfBlock] = 1;
  return counts;
}

/**
 * Lengths of the Huffman codes of symbols that occur so often, at most {@link longestCode}; 0 for
 * those that do not occur.
 */
function codeLengths(counts: Uint32Array): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  // Leaves by rising weight, then the nodes that join two: those come in rising order by themselves.
  const all = new Uint32Array(counts.length);
  let used = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    if (counts[symbol]! > 0) all[used++] = (counts[symbol]! << symbolBits) | symbol;
  }
  const leaves = all.subarray(0, used).sort();
  const symbolOf = (leaf: number) => leaves[leaf]! & ((1 << symbolBits) - 1);
  if (used === 1) {
    lengths[symbolOf(0)] = 1;
    return lengths;
  }
  const weights = new Uint32Array(2 * used - 1);
  for (let leaf = 0; leaf < used; leaf++) weights[leaf] = leaves[leaf]! >>> symbolBits;
  const parents = new Uint16Array(weights.length);
  let leaf = 0;
  let node = used;
  for (let joined = used; joined < weights.length; joined++) {
    for (let child = 0; child < 2; child++) {
      const isLeaf = leaf < used && (node >= joined || weights[leaf]! <= weights[node]!);
      const lightest = isLeaf ? leaf++ : node++;
      parents[lightest] = joined;
      weights[joined]! += weights[lightest]!;
    }
  }
  const depths = new Uint8Array(weights.length);
  let deepest = 0;
  for (let at = weights.length - 2; at >= 0; at--) {
    depths[at] = depths[parents[at]!]! + 1;
    deepest = Math.max(deepest, depths[at]!);
  }
  // Rare symbols made less rare have shorter codes.
  if (deepest > longestCode) return codeLengths(counts.map((count) => (count + 1) >> 1));
  for (let leaf = 0; leaf < used; leaf++) lengths[symbolOf(leaf)] = depths[leaf]!;
  return lengths;
}

/** The canonical codes of these lengths (RFC 1951, section 3.2.2), their first bit lowest. */
function codesOf(lengths: Uint8Array): Uint16Array {
  const counts = new Uint16Array(longestCode + 1);
  for (const length of lengths) if (length > 0) counts[length]!++;
  /** The next code of each length. */
  const next = new Uint16Array(longestCode + 1);
  for (let length = 1; length <= longestCode; length++)
    next[length] = (next[length - 1]! + counts[length - 1]!) << 1;
  const codes = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    codes[symbol] = reversed(next[length]!++, length);
  }
  return codes;
}

function reversed(bits: number, count: number): number {
  let result = 0;
  for (let bit = 0; bit < count; bit++) result |= ((bits >> bit) & 1) << (count - 1 - bit);
  return result;
}

/** Writes a stream in the kernels' memory, bits lowest first. */
export class ZlibWriter {
  /** That memory, and the address of what comes next. */
  #memory = new Uint8Array();
  #end: number;
  #bits = 0;
  #count = 0;
  /** Those of Adler-32 (RFC 1950, section 8.2). */
  readonly #sums = Uint32Array.of(1, 0);

  /** @param start address of the stream, from {@link codersMemory} on */
  constructor(start: number) {
    this.#end = start;
    this.#reserve(2);
    this.#write(0x0178, 16); // deflate, a window of 32 kB, no dictionary; as fast as possible
  }

  /**
   * Codes bytes that lie in the kernels' memory, in front of the stream and from {@link codersMemory} on.
   *
   * @param last no others follow
   */
  write(source: number, count: number, last: boolean): void {
    let from = source;
    for (let left = count; left > codedTogether; left -= codedTogether, from += codedTogether)
      this.#writeBlock(from, codedTogether, false);
    this.#writeBlock(from, source + count - from, last);
  }

  /** Writes what comes behind the last bytes. Returns the address behind the stream. */
  finish(): number {
    this.#reserve(5);
    this.#write(0, (8 - this.#count) % 8);
    for (const sum of [this.#sums[1]!, this.#sums[0]!]) this.#write((sum >>> 8) | ((sum & 0xff) << 8), 16);
    return this.#end;
  }

  #writeBlock(source: number, count: number, last: boolean): void {
    this.#reserve(Math.ceil(blockOverhead / 8) + mostBytes(count));
    const lengths = codeLengths(countsOf(source, count, this.#sums));

    this.#write(last ? 1 : 0, 1);
    this.#write(2, 2); // codes of its own
    this.#write(symbols - 257, 5);
    this.#write(0, 5); // one code for distances, which no one needs
    this.#write(19 - 4, 4);
    // The lengths 0 to 15 are themselves coded in four bits each; runs (16 to 18, first) are not used.
    for (let symbol = 0; symbol < 19; symbol++) this.#write(symbol < 3 ? 0 : 4, 3);
    for (const length of lengths) this.#write(reversed(length, 4), 4);
    this.#write(0, 4);

    this.#writeCodes(source, count, codesOf(lengths), lengths);
  }

  /** The code of each byte of a block, and of its end. */
  #writeCodes(source: number, count: number, codes: Uint16Array, lengths: Uint8Array): void {
    const { buffer } = this.#memory;
    const entries = new Uint32Array(buffer, table, 2 * 256);
    for (let byte = 0; byte < 256; byte++) {
      entries[2 * byte] = lengths[byte]!;
      entries[2 * byte + 1] = codes[byte]! << (32 - lengths[byte]!);
    }
    const numbers = new Int32Array(buffer, state, 2);
    numbers.set([this.#count, this.#end]);
    this.#memory[this.#end] = this.#bits;
    pixelKernels().writeCodes(source, count, table, state);
    [this.#count, this.#end] = numbers as unknown as [number, number];
    this.#bits = this.#memory[this.#end]!;
    this.#write(codes[endOfBlock]!, lengths[endOfBlock]!);
  }

  /** @param count at most 16 */
  #write(bits: number, count: number): void {
    this.#bits |= bits << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.#memory[this.#end++] = this.#bits;
      this.#bits >>>= 8;
      this.#count -= 8;
    }
  }

  /** Makes room for so many bytes. */
  #reserve(bytes: number): void {
    this.#memory = new Uint8Array(pixelKernels().reserve(this.#end + bytes));
  }
}
