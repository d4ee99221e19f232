/** Bytes that are taken at a time. */
const stride = 8;

/**
 * The remainder of every byte, by the polynomial of the PNG specification (annex D), bits reversed; then
 * those of every byte that 1 to 7 bytes of zeros follow.
 */
const remainders = new Int32Array(256 * stride);
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  remainders[byte] = remainder;
}
for (let at = 256; at < remainders.length; at++) {
  const before = remainders[at - 256]!;
  remainders[at] = remainders[before & 0xff]! ^ (before >>> 8);
}

/** The checksum of a PNG chunk's name and data. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  let at = 0;
  for (; at + stride <= bytes.length; at += stride) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      remainders[0x700 | (crc & 0xff)]! ^
      remainders[0x600 | ((crc >>> 8) & 0xff)]! ^
      remainders[0x500 | ((crc >>> 16) & 0xff)]! ^
      remainders[0x400 | (crc >>> 24)]! ^
      remainders[0x300 | bytes[at + 4]!]! ^
      remainders[0x200 | bytes[at + 5]!]! ^
      remainders[0x100 | bytes[at + 6]!]! ^
      remainders[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = remainders[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
