import { decodingFailed } from '../codec.ts';

/** The first page's tags. */
export interface Directory {
  readonly little: boolean;
  /** The whole numbers of a tag, at most so many; none where it is absent or of another type. */
  numbers(tag: number, most?: number): number[];
  /** The bytes of a tag, whatever its type; undefined where it is absent. */
  bytes(tag: number): Uint8Array | undefined;
}

/** Bytes of a value of each type: bytes, text, 16 and 32 bits, fractions, and their signed forms. */
const sizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  13: 4,
};

/** @throws PhizError IMAGE_DECODING_FAILED where there is none */
export function readDirectory(bytes: Uint8Array): Directory {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = bytes[0] === 0x49;
  const start = bytes.length < 8 ? bytes.length : view.getUint32(4, little);
  if (start + 2 > bytes.length) throw decodingFailed('a TIFF that ends before its directory');
  const count = Math.min(view.getUint16(start, little), Math.floor((bytes.length - start - 2) / 12));

  /** By tag: type, number of values, and where they stand. */
  const entries = new Map<number, { type: number; count: number; at: number }>();
  for (let index = 0; index < count; index++) {
    const entry = start + 2 + 12 * index;
    const type = view.getUint16(entry + 2, little);
    const values = view.getUint32(entry + 4, little);
    const length = (sizes[type] ?? 0) * values;
    const at = length <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
    const key = view.getUint16(entry, little);
    // Values beyond the file's end are left out.
    const there = Math.min(values, Math.floor(Math.max(0, bytes.length - at) / (sizes[type] ?? 1)));
    if (length > 0 && !entries.has(key)) entries.set(key, { type, count: there, at });
  }

  return {
    little,
    numbers(tag, most = 64) {
      const entry = entries.get(tag);
      if (!entry) return [];
      const { type, at } = entry;
      return Array.from({ length: Math.min(entry.count, most) }, (_, index) => {
        if (type === 3 || type === 8) return view.getUint16(at + 2 * index, little);
        if (type === 4 || type === 9 || type === 13) return view.getUint32(at + 4 * index, little);
        return bytes[at + (sizes[type] ?? 1) * index]!;
      });
    },
    bytes(tag) {
      const entry = entries.get(tag);
      return entry && bytes.subarray(entry.at, entry.at + entry.count * sizes[entry.type]!);
    },
  };
}
