/**
 * How a stored picture must be turned to stand upright, as EXIF numbers it (TIFF 6.0, tag 274):
 * 1 as it is, 2 mirrored, 3 half a turn, 4 upside down and mirrored, 5 transposed,
 * 6 a quarter turn clockwise, 7 transposed over the other diagonal, 8 a quarter turn back.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 274;
const shortType = 3;

/**
 * The orientation in an EXIF block (a TIFF structure, with or without the `Exif\0\0` before it).
 * 1 where it is absent or malformed: a picture with damaged metadata is still a picture.
 */
export function readOrientation(exif: Uint8Array): Orientation {
  const bytes = exif[0] === 0x45 && exif[1] === 0x78 ? exif.subarray(6) : exif;
  if (bytes.length < 8) return 1;
  const tiff = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const byteOrder = tiff.getUint16(0);
  const little = byteOrder === 0x4949;
  if (!little && byteOrder !== 0x4d4d) return 1;

  const directory = tiff.getUint32(4, little);
  if (directory + 2 > bytes.length) return 1;
  const entries = Math.min(
    tiff.getUint16(directory, little),
    Math.floor((bytes.length - directory - 2) / 12),
  );
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * 12;
    if (tiff.getUint16(entry, little) !== orientationTag) continue;
    const value = tiff.getUint16(entry + 8, little);
    const valid = tiff.getUint16(entry + 2, little) === shortType && value >= 1 && value <= 8;
    return valid ? (value as Orientation) : 1;
  }
  return 1;
}
