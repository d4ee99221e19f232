/**
 * The turn that makes a stored picture stand upright, as EXIF numbers it (TIFF 6.0, tag 274):
 * 1 as it is, 2 mirrored, 3 half a turn, 4 upside down and mirrored, 5 transposed,
 * 6 a quarter turn clockwise, 7 transposed over the other diagonal, 8 a quarter turn back.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** A block of metadata, as the container keeps it. */
export interface Metadata {
  /** `exif`: a TIFF structure, with or without `Exif\0\0` before it. `xmp`: an XML packet in UTF-8. */
  readonly kind: 'exif' | 'xmp';
  readonly bytes: Uint8Array;
}

/**
 * The orientation that a container's metadata says, in the order of the file: the first EXIF block that
 * says one, else the first XMP packet. 1 where none does: a picture with damaged metadata is still a picture.
 */
export function orientationOf(blocks: Iterable<Metadata>): Orientation {
  let fromXmp: Orientation | undefined;
  for (const { kind, bytes } of blocks) {
    if (kind === 'exif') {
      const found = readExif(withoutPrefix(bytes));
      if (found) return found;
    } else {
      fromXmp ??= readXmp(bytes);
    }
  }
  return fromXmp ?? 1;
}

/** A number as an orientation; undefined for one that is none. */
export function asOrientation(value: number): Orientation | undefined {
  return Number.isInteger(value) && value >= 1 && value <= 8 ? (value as Orientation) : undefined;
}

/** `Exif`, two zeros: how JPEG, and some programs elsewhere, begin an EXIF block. */
export const exifPrefix = Uint8Array.of(0x45, 0x78, 0x69, 0x66, 0, 0);

const beginsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  start.every((byte, at) => bytes[at] === byte);

export const hasExifPrefix = (bytes: Uint8Array): boolean => beginsWith(bytes, exifPrefix.subarray(0, 5));

const withoutPrefix = (bytes: Uint8Array): Uint8Array =>
  hasExifPrefix(bytes) ? bytes.subarray(exifPrefix.length) : bytes;

/** True where a TIFF structure begins here, which EXIF is. */
export const beginsTiff = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x49 && bytes[1] === 0x49 && bytes[2] === 42 && bytes[3] === 0) ||
  (bytes[0] === 0x4d && bytes[1] === 0x4d && bytes[2] === 0 && bytes[3] === 42);

const orientationTag = 274;

/** Readers of one value of each TIFF type; signed ones too, which some phones write. */
const readers: Readonly<Record<number, (view: DataView, at: number, little: boolean) => number>> = {
  1: (view, at) => view.getUint8(at),
  3: (view, at, little) => view.getUint16(at, little),
  4: (view, at, little) => view.getUint32(at, little),
  6: (view, at) => view.getInt8(at),
  8: (view, at, little) => view.getInt16(at, little),
  9: (view, at, little) => view.getInt32(at, little),
};

/** The tag in the first directory of a TIFF structure. */
function readExif(bytes: Uint8Array): Orientation | undefined {
  if (bytes.length < 8 || !beginsTiff(bytes)) return undefined;
  const tiff = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = bytes[0] === 0x49;
  const directory = tiff.getUint32(4, little);
  if (directory + 2 > bytes.length) return undefined;
  const entries = Math.min(
    tiff.getUint16(directory, little),
    Math.floor((bytes.length - directory - 2) / 12),
  );
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * 12;
    if (tiff.getUint16(entry, little) !== orientationTag) continue;
    const read = readers[tiff.getUint16(entry + 2, little)];
    const found = read && asOrientation(read(tiff, entry + 8, little));
    if (found) return found;
  }
  return undefined;
}

const latin1 = new TextDecoder('latin1');
const property = 'tiff:Orientation';

/** The property as an attribute or as an element (XMP specification, part 1, section 7). */
function readXmp(bytes: Uint8Array): Orientation | undefined {
  const text = latin1.decode(bytes);
  for (let at = text.indexOf(property); at >= 0; at = text.indexOf(property, at + 1)) {
    const value = /^\s{0,20}(?:=\s{0,20}["']|>)\s{0,20}([1-8])\s{0,20}["'<]/.exec(
      text.slice(at + property.length, at + property.length + 100),
    );
    if (value) return asOrientation(Number(value[1]));
  }
  return undefined;
}
