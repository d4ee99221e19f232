/** A BMP file of any kind, for tests of reading it. */
export interface BmpFile {
  readonly width: number;
  /** Negative for rows from the top. */
  readonly height: number;
  readonly bits: number;
  /** Number of the compression. */
  readonly compression?: number;
  /** Bytes of the information header: 12, 16, 40, 52, 56, 64, 108, 124. */
  readonly header?: number;
  /** Red, green, blue and alpha, behind or in the header. */
  readonly masks?: readonly number[];
  readonly palette?: readonly (readonly [red: number, green: number, blue: number])[];
  readonly pixels: Uint8Array;
}

export function writeBmp(file: BmpFile): Uint8Array {
  const { width, height, bits, compression = 0, header = 40, masks = [], palette = [], pixels } = file;
  const entry = header === 12 ? 3 : 4;
  const behind = header >= 52 ? 0 : 4 * masks.length;
  const start = 14 + header + behind + entry * palette.length;
  const bytes = new Uint8Array(start + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, header, true);
  if (header === 12) {
    view.setUint16(18, width, true);
    view.setUint16(20, height, true);
    view.setUint16(22, 1, true);
    view.setUint16(24, bits, true);
  } else {
    view.setInt32(18, width, true);
    view.setInt32(22, height, true);
    view.setUint16(26, 1, true);
    view.setUint16(28, bits, true);
    if (header >= 20) view.setUint32(30, compression, true);
  }
  masks.forEach((mask, index) => {
    view.setUint32(54 + 4 * index, mask, true);
  });
  palette.forEach(([red, green, blue], index) => {
    bytes.set([blue, green, red], 14 + header + behind + entry * index);
  });
  bytes.set(pixels, start);
  return bytes;
}
