/** Second bytes of the markers that a decoder acts on; the first is 0xFF (ITU-T T.81, table B.1). */
export const marker = {
  firstFrame: 0xc0,
  huffmanTables: 0xc4,
  lastFrame: 0xcf,
  firstRestart: 0xd0,
  lastRestart: 0xd7,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantizationTables: 0xdb,
  numberOfLines: 0xdc,
  restartInterval: 0xdd,
  jfif: 0xe0,
  /** EXIF, XMP and others, told apart by how they begin. */
  metadata: 0xe1,
  adobe: 0xee,
} as const;

/** In the range of frame headers, but not frame headers: Huffman tables, reserved, arithmetic tables. */
const notFrames: readonly number[] = [marker.huffmanTables, 0xc8, 0xcc];

export const isFrame = (code: number): boolean =>
  code >= marker.firstFrame && code <= marker.lastFrame && !notFrames.includes(code);

export const isRestart = (code: number): boolean => code >= marker.firstRestart && code <= marker.lastRestart;

/** A marker with what belongs to it. */
export interface Segment {
  readonly marker: number;
  /** Without marker and length; shorter than declared where the file ends. */
  readonly payload: Uint8Array;
  /** Offset in the file of the first byte after the segment. */
  readonly end: number;
}

/**
 * The file's segments in order, up to the end of the picture or of the file. Whatever is no marker,
 * such as a scan's coded data or stray bytes, is passed over. A picture ends with its mark, or where
 * the next one begins; what comes before the first frame is no picture yet (capture devices send pairs
 * of beginning and end with nothing between).
 *
 * @returns true where the picture's end was found, and not only the file's
 */
export function* segments(bytes: Uint8Array): Generator<Segment, boolean> {
  let hasFrame = false;
  let at = bytes.indexOf(0xff, 2);
  while (at >= 0 && at + 3 < bytes.length) {
    const code = bytes[at + 1]!;
    if (code === marker.endOfImage || code === marker.startOfImage) {
      if (hasFrame) return true;
      at = bytes.indexOf(0xff, at + 2);
      continue;
    }
    // 0xFF 0x00 is a coded 0xFF, 0xFF 0xFF padding; some markers stand alone.
    if (code === 0xff || code <= 0x01 || isRestart(code)) {
      at = bytes.indexOf(0xff, at + (code === 0xff ? 1 : 2));
      continue;
    }
    const end = Math.min(at + 2 + Math.max(2, (bytes[at + 2]! << 8) | bytes[at + 3]!), bytes.length);
    hasFrame ||= isFrame(code);
    yield { marker: code, payload: bytes.subarray(at + 4, end), end };
    at = bytes.indexOf(0xff, end);
  }
  // The mark itself may be the file's last two bytes.
  return bytes.at(-2) === 0xff && bytes.at(-1) === marker.endOfImage;
}
