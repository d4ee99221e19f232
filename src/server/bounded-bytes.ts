import { breath, copiedBytes } from '../pool/breathe.ts';

/** Share of what is expected that has to be there before there is room for all of it. */
const seriousShare = 1 / 4;

/**
 * Collects chunks into one array of at most `limit` bytes. The array grows as it fills, by what it has,
 * so that a million chunks of a byte cost no more than one of a million, and little is held for what
 * may never come.
 */
export class BoundedBytes {
  readonly #limit: number;
  readonly #expected: number;
  #buffer = new Uint8Array(0);
  #length = 0;

  /** @param expected bytes, as they were announced; 0 where nothing was */
  constructor(limit: number, expected = 0) {
    this.#limit = limit;
    this.#expected = expected;
  }

  /** Bytes of memory that adding so many would take more. */
  growth(more: number): number {
    return this.#capacityFor(this.#length + more) - this.#buffer.length;
  }

  /** False, and nothing is kept of the chunk, where it would pass the limit. One is added after the other. */
  async add(chunk: Uint8Array): Promise<boolean> {
    const length = this.#length + chunk.length;
    if (length > this.#limit) return false;
    await breath();
    if (length > this.#buffer.length) this.#buffer = await copiedBytes(this.bytes, this.#capacityFor(length));
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
    return true;
  }

  #capacityFor(length: number): number {
    const { length: capacity } = this.#buffer;
    if (length <= capacity) return capacity;
    const grown = Math.min(this.#limit, Math.max(2 * capacity, length));
    const isSerious = length <= this.#expected && grown >= seriousShare * this.#expected;
    return isSerious ? this.#expected : grown;
  }

  /** Everything added so far. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}
