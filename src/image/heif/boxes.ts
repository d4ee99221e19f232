/** A box of the ISO base media file format (ISO/IEC 14496-12, section 4.2). */
export interface IsoBox {
  readonly type: string;
  /** Without size and type; shorter than declared where the file ends. */
  readonly payload: Uint8Array;
}

/** Boxes that follow one another, also of damaged files. */
export function* boxesOf(bytes: Uint8Array): Generator<IsoBox> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 8 <= bytes.length; ) {
    let header = 8;
    let size = view.getUint32(at);
    if (size === 1 && at + 16 <= bytes.length) {
      header = 16;
      size = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12);
    }
    // 0: up to the end of the file.
    const end = size === 0 ? bytes.length : at + size;
    if (end < at + header) return;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    yield { type, payload: bytes.subarray(at + header, end) };
    at = end;
  }
}

/** The payload of the first box of a type; empty where there is none. */
export function find(bytes: Uint8Array, type: string): Uint8Array {
  for (const box of boxesOf(bytes)) if (box.type === type) return box.payload;
  return bytes.subarray(bytes.length);
}

/** A whole number of `length` bytes, 1 to 4; 0 beyond the end. */
export function number(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = at; index < at + length; index++) value = value * 256 + (bytes[index] ?? 0);
  return value;
}
