/**
 * A table of a FlatBuffers file (https://flatbuffers.dev/internals/): fields are known by their
 * number in the file's schema, and absent ones have their default.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  /** Address and bytes of the vtable. */
  readonly #fields: readonly [at: number, bytes: number];

  /** @throws RangeError where the table does not lie in the file. */
  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    const fields = at - view.getInt32(at, true);
    this.#fields = [fields, view.getUint16(fields, true)];
  }

  /**
   * The table that a file begins with.
   *
   * @param identifier four letters that say of what kind the file is
   * @throws Error where the file is of another kind.
   */
  static root(file: Uint8Array, identifier: string): FlatTable {
    const found = new TextDecoder('latin1').decode(file.subarray(4, 8));
    if (found !== identifier) throw new Error(`expected a file of kind ${identifier}, found ${found}`);
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  /** A signed byte, 0 where it is absent. */
  byte(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#view.getInt8(at);
  }

  /** A whole number of 32 bits, 0 where it is absent. */
  integer(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#view.getInt32(at, true);
  }

  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  /** A vector of bytes, as it lies in the file. */
  bytes(field: number): Uint8Array {
    const { at, length } = this.#vector(field);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  /** A vector of whole numbers of 32 bits. */
  integers(field: number): number[] {
    const { at, length } = this.#vector(field);
    return Array.from({ length }, (_, index) => this.#view.getInt32(at + 4 * index, true));
  }

  table(field: number): FlatTable | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : new FlatTable(this.#view, this.#target(at));
  }

  tables(field: number): FlatTable[] {
    const { at, length } = this.#vector(field);
    return Array.from({ length }, (_, index) => new FlatTable(this.#view, this.#target(at + 4 * index)));
  }

  #find(field: number): number | undefined {
    const [at, bytes] = this.#fields;
    const entry = 4 + 2 * field;
    const offset = entry < bytes ? this.#view.getUint16(at + entry, true) : 0;
    return offset === 0 ? undefined : this.#at + offset;
  }

  #vector(field: number): { at: number; length: number } {
    const found = this.#find(field);
    if (found === undefined) return { at: 0, length: 0 };
    const at = this.#target(found);
    return { at: at + 4, length: this.#view.getUint32(at, true) };
  }

  /** The place that the offset stored at `at` points to. */
  #target(at: number): number {
    return at + this.#view.getUint32(at, true);
  }
}
