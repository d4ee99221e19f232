import { pixelKernels } from '../kernels.ts';

/**
 * Writes zlib streams (RFC 1950) whose blocks code each byte by how often it occurs and look for
 * no repetitions (RFC 1951, dynamic Huffman codes). Filtered photographs hardly repeat: such a
 * stream is about as long as one of a full search and is written ten times faster.
 */

/** Bytes that share a code: what follows in a large picture may look different. */
const blockBytes = 1 << 18;

/** Every byte, and the mark that ends a block. */
const endOfBlock = 256;
const symbols = 257;

/** The format's limit. */
const longestCode = 15;

/** Most bits that a block has besides its bytes: its header and mark. */
const blockOverhead = 3 + 14 + 19 * 3 + 4 * (symbols + 1) + longestCode;

export function zlibByFrequency(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / blockBytes));
  const output = new BitWriter(mostBytes(bytes.length) + Math.ceil((blocks * blockOverhead) / 8));
  output.write(0x0178, 16); // deflate, a window of 32 kB, no dictionary; as fast as possible
  for (let block = 0; block < blocks; block++) {
    writeBlock(output, bytes.subarray(block * blockBytes, (block + 1) * blockBytes), block === blocks - 1);
  }
  output.flush();
  const sum = adler32(bytes);
  output.write((sum >>> 24) | ((sum >>> 8) & 0xff00), 16);
  output.write(((sum >>> 8) & 0xff) | ((sum & 0xff) << 8), 16);
  return output.bytes;
}

/**
 * Most bytes that the codes of so many take: on average no code is longer than eight bits and a little, that
 * of the block's mark.
 */
const mostBytes = (count: number): number => 16 + Math.ceil((9 * count) / 8);

function writeBlock(output: BitWriter, bytes: Uint8Array, last: boolean): void {
  const lengths = codeLengths(countsOf(bytes));

  output.write(last ? 1 : 0, 1);
  output.write(2, 2); // codes of its own
  output.write(symbols - 257, 5);
  output.write(0, 5); // one code for distances, which no one needs
  output.write(19 - 4, 4);
  // The lengths 0 to 15 are themselves coded in four bits each; runs (16 to 18, first) are not used.
  for (let symbol = 0; symbol < 19; symbol++) output.write(symbol < 3 ? 0 : 4, 3);
  for (const length of lengths) output.write(reversed(length, 4), 4);
  output.write(0, 4);

  output.writeAll(bytes, codesOf(lengths), lengths);
}

/** Addresses in the kernels' memory: what `writeCodes` goes on with, a number for each symbol, the bytes of a block. */
const state = 0;
const table = 16;
const source = table + 4 * symbols;

/** How often each symbol of a block occurs. */
function countsOf(bytes: Uint8Array): Uint32Array {
  const kernels = pixelKernels();
  const buffer = kernels.reserve(source + bytes.length);
  new Uint8Array(buffer).set(bytes, source);
  const counts = new Uint32Array(buffer, table, symbols).fill(0);
  if (bytes.length > 0) kernels.countBytes(source, bytes.length, table);
  counts[endOfBlock] = 1;
  return counts.slice();
}

/**
 * Lengths of the Huffman codes of symbols that occur so often, at most {@link longestCode}; 0 for
 * those that do not occur.
 */
function codeLengths(counts: Uint32Array): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const used = [...counts.keys()].filter((symbol) => counts[symbol]! > 0);
  if (used.length === 1) {
    lengths[used[0]!] = 1;
    return lengths;
  }
  // Leaves by rising weight, then the nodes that join two: those come in rising order by themselves.
  const leaves = used.sort((a, b) => counts[a]! - counts[b]!);
  const weights = leaves.map((symbol) => counts[symbol]!);
  const parents: number[] = [];
  let leaf = 0;
  let node = leaves.length;
  const lightest = (): number => {
    const next = leaf < leaves.length && (node >= weights.length || weights[leaf]! <= weights[node]!);
    return next ? leaf++ : node++;
  };
  while (weights.length < 2 * leaves.length - 1) {
    const first = lightest();
    const second = lightest();
    parents[first] = parents[second] = weights.length;
    weights.push(weights[first]! + weights[second]!);
  }
  const depths = new Uint8Array(weights.length);
  let deepest = 0;
  for (let at = weights.length - 2; at >= 0; at--) {
    depths[at] = depths[parents[at]!]! + 1;
    deepest = Math.max(deepest, depths[at]!);
  }
  // Rare symbols made less rare have shorter codes.
  if (deepest > longestCode) return codeLengths(counts.map((count) => (count + 1) >> 1));
  for (const [at, symbol] of leaves.entries()) lengths[symbol] = depths[at]!;
  return lengths;
}

/** The canonical codes of these lengths (RFC 1951, section 3.2.2), their first bit lowest. */
function codesOf(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= longestCode; length++) {
    code <<= 1;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = reversed(code++, length);
    }
  }
  return codes;
}

function reversed(bits: number, count: number): number {
  let result = 0;
  for (let bit = 0; bit < count; bit++) result |= ((bits >> bit) & 1) << (count - 1 - bit);
  return result;
}

/** Writes bits into bytes, the lowest first. */
class BitWriter {
  readonly #buffer: Uint8Array;
  #length = 0;
  #bits = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** @param count at most 16 */
  write(bits: number, count: number): void {
    this.#bits |= bits << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.#buffer[this.#length++] = this.#bits;
      this.#bits >>>= 8;
      this.#count -= 8;
    }
  }

  /** The code of each byte, and of the block's end. */
  writeAll(bytes: Uint8Array, codes: Uint16Array, lengths: Uint8Array): void {
    if (bytes.length > 0) {
      const kernels = pixelKernels();
      const target = source + bytes.length;
      const buffer = kernels.reserve(target + mostBytes(bytes.length));
      const memory = new Uint8Array(buffer);
      memory.set(bytes, source);
      new Uint32Array(buffer, table, symbols).set(
        Array.from(codes, (code, symbol) => code | (lengths[symbol]! << 16)),
      );
      const numbers = new Int32Array(buffer, state, 3);
      numbers.set([this.#bits, this.#count, target]);
      kernels.writeCodes(source, bytes.length, table, state);
      const [bits, count, end] = numbers as unknown as [number, number, number];
      this.#buffer.set(memory.subarray(target, end), this.#length);
      this.#length += end - target;
      this.#bits = bits;
      this.#count = count;
    }
    this.write(codes[endOfBlock]!, lengths[endOfBlock]!);
  }

  /** Goes on to the next whole byte. */
  flush(): void {
    this.write(0, (8 - this.#count) % 8);
  }
}

/** RFC 1950, section 8.2. */
function adler32(bytes: Uint8Array): number {
  /** Largest prime below 2^16, and how many bytes can be added up before a remainder is due. */
  const modulus = 65521;
  const stretch = 3800;
  let low = 1;
  let high = 0;
  for (let at = 0; at < bytes.length; ) {
    for (const end = Math.min(at + stretch, bytes.length); at < end; at++) {
      low += bytes[at]!;
      high += low;
    }
    low %= modulus;
    high %= modulus;
  }
  return ((high << 16) | low) >>> 0;
}
