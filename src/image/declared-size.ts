import type { Size } from './geometry.ts';
import { isFrame, marker, segments } from './jpeg/markers.ts';

/** Bytes that are looked at, from the first; and the parts of a file among them. */
const mostBytes = 1_048_576;
const mostParts = 4_096;

const text = (bytes: Uint8Array, at: number, length = 4) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/**
 * The size in pixels that a picture's file declares, for estimates before it is opened: told at once from
 * its first bytes, whatever they are. Whether it is true, decoding finds out.
 *
 * @returns undefined where they do not tell, or tell of no pixels
 */
export function declaredSize(file: Uint8Array): Size | undefined {
  const size = sizeOf(file);
  return size && size.width > 0 && size.height > 0 ? size : undefined;
}

function sizeOf(file: Uint8Array): Size | undefined {
  const bytes = file.subarray(0, mostBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegSize(bytes);
    if (text(bytes, 1, 3) === 'PNG') return { width: view.getUint32(16), height: view.getUint32(20) };
    if (text(bytes, 0) === 'RIFF' && text(bytes, 8) === 'WEBP') return webpSize(bytes, view);
    if (text(bytes, 0, 3) === 'GIF') {
      return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    }
    if (text(bytes, 0, 2) === 'BM') return bmpSize(view);
    if (text(bytes, 4) === 'ftyp') return heifSize(bytes, view);
    if (/^(II\*\0|MM\0\*)/.test(text(bytes, 0))) return tiffSize(file);
  } catch (error) {
    // It ends before its size.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

/** A height that stands behind the first scan, beyond what is looked at, is taken for the width. */
function jpegSize(bytes: Uint8Array): Size | undefined {
  let parts = 0;
  let width: number | undefined;
  for (const { marker: code, payload } of segments(bytes)) {
    if (++parts > mostParts) break;
    if (width === undefined && isFrame(code) && payload.length >= 5) {
      width = (payload[3]! << 8) | payload[4]!;
      const height = (payload[1]! << 8) | payload[2]!;
      if (height > 0) return { width, height };
    }
    if (width !== undefined && code === marker.numberOfLines && payload.length >= 2) {
      return { width, height: (payload[0]! << 8) | payload[1]! };
    }
  }
  return width === undefined ? undefined : { width, height: width };
}

/** RFC 9649, sections 2.5 to 2.7. */
function webpSize(bytes: Uint8Array, view: DataView): Size | undefined {
  switch (text(bytes, 12)) {
    case 'VP8 ':
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return {
        width: (view.getUint32(24, true) & 0xffffff) + 1,
        height: (view.getUint32(26, true) >>> 8) + 1,
      };
    default:
      return undefined;
  }
}

function bmpSize(view: DataView): Size {
  const isCore = view.getUint32(14, true) === 12;
  if (isCore) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
}

/** The largest of the sizes in the file's properties (ISO/IEC 23008-12, 6.5.3): that of the picture, not of a tile. */
function heifSize(bytes: Uint8Array, view: DataView): Size | undefined {
  let largest: Size | undefined;
  const first = 'i'.charCodeAt(0);
  let at = bytes.indexOf(first);
  for (let parts = 0; at >= 0 && parts < mostParts; parts++) {
    if (text(bytes, at) === 'ispe') {
      const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
      if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
    }
    at = bytes.indexOf(first, at + 1);
  }
  return largest;
}

/** Tags 256 and 257 of the first directory, which may be anywhere in the file (TIFF 6.0). */
function tiffSize(file: Uint8Array): Size | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const little = file[0] === 'I'.charCodeAt(0);
  const directory = view.getUint32(4, little);
  const sides = new Map<number, number>();
  const count = Math.min(mostParts, view.getUint16(directory, little));
  for (let entry = 0; entry < count; entry++) {
    const at = directory + 2 + 12 * entry;
    const isShort = view.getUint16(at + 2, little) === 3;
    const value = isShort ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
    sides.set(view.getUint16(at, little), value);
  }
  return { width: sides.get(256) ?? 0, height: sides.get(257) ?? 0 };
}
