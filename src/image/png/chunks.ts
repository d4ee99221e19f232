import { crc32 } from './crc32.ts';

/** The eight bytes that every PNG file begins with. */
export const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** One chunk of a PNG file: a name of four letters and its bytes. */
export interface PngChunk {
  readonly name: string;
  readonly data: Uint8Array;
}

/**
 * The chunks of a file, in order, up to IEND or the file's end. Damage ends them: of a chunk that is cut
 * off what is there comes last if it is pixels, one whose checksum differs comes no more, if a picture
 * cannot be shown without it.
 */
export function* readChunks(bytes: Uint8Array): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = signature.length;
  while (at + 8 <= bytes.length) {
    const end = at + 8 + view.getUint32(at);
    const name = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!);
    if (name === 'IEND') return;
    const whole = end + 4 <= bytes.length;
    if (!whole && name !== 'IDAT') return;
    if (whole && isCritical(name) && view.getUint32(end) !== crc32(bytes.subarray(at + 4, end))) return;
    yield { name, data: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

/** Bytes of a chunk in front of its data, its length and name, and with those behind, its checksum. */
export const beforeData = 8;
export const aroundData = beforeData + 4;

/** Makes a chunk of data that lies {@link beforeData} bytes behind an address. Returns the address behind the chunk. */
export function closeChunk(bytes: Uint8Array, start: number, name: string, length: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(start, length);
  for (let letter = 0; letter < 4; letter++) bytes[start + 4 + letter] = name.charCodeAt(letter);
  const end = start + beforeData + length;
  view.setUint32(end, crc32(bytes.subarray(start + 4, end)));
  return start + aroundData + length;
}

/** True for a chunk that a picture cannot be shown without: the first letter of its name is a capital. */
const isCritical = (name: string) => name[0]! <= 'Z';
