/**
 * Collects chunks into one array of at most `limit` bytes. The array doubles as it fills, so that
 * a million chunks of a byte cost no more than one of a million.
 */
export class BoundedBytes {
  readonly #limit: number;
  #buffer: Uint8Array;
  #length = 0;

  /** @param expected bytes to make room for at once, at most `limit` */
  constructor(limit: number, expected = 65_536) {
    this.#limit = limit;
    this.#buffer = new Uint8Array(Math.min(expected, limit));
  }

  /** False, and nothing is kept of the chunk, where it would pass the limit. */
  add(chunk: Uint8Array): boolean {
    const length = this.#length + chunk.length;
    if (length > this.#limit) return false;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.min(this.#limit, Math.max(2 * this.#buffer.length, length)));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
    return true;
  }

  /** Everything added so far. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}
