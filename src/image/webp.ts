import decodeWebp, { init } from '@jsquash/webp/decode.js';
import { type Codec, decodingFailed } from './codec.ts';
import { type Orientation, readOrientation } from './exif.ts';
import { rasterPicture } from './raster-picture.ts';
import { withoutAlpha } from './without-alpha.ts';

/** Set up once per thread, with the binary of whoever decodes the first WebP picture. */
let ready: Promise<void> | undefined;

/** WebP by libwebp in WebAssembly, lossy and lossless; `binary` gives its bytes. */
export function webp(binary: () => Promise<Uint8Array>): Codec {
  return {
    recognises: (bytes) => fourCC(bytes, 0) === 'RIFF' && fourCC(bytes, 8) === 'WEBP',

    readHeader(bytes) {
      const size = readSize(bytes);
      if (!size) throw decodingFailed('a WebP without a picture header');
      let orientation: Orientation = 1;
      for (const { name, payload } of chunks(bytes)) {
        if (name === 'EXIF') orientation = readOrientation(payload);
      }
      return { ...size, orientation };
    },

    async decode(bytes, header) {
      // libwebp decodes what is there of a file that was cut off, and leaves the rest grey.
      if (containerLength(bytes) > bytes.length) throw decodingFailed('the WebP ends before its last byte');
      ready ??= binary().then(async (wasm) =>
        init(await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>)),
      );
      await ready;
      // libwebp's wrapper takes whole buffers only; a Buffer's own `slice` copies nothing.
      const whole = Uint8Array.from(bytes).buffer;
      const { width, height, data } = await decodeWebp(whole).catch((error: unknown) => {
        throw decodingFailed('damaged WebP data', error);
      });
      if (width !== header.width || height !== header.height) {
        throw decodingFailed('a WebP whose headers contradict each other');
      }
      return rasterPicture(withoutAlpha(width, height, data));
    },
  };
}

/** The size as the first picture chunk has it (RFC 9649, sections 2.5 to 2.7). */
function readSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const { value: first } = chunks(bytes).next();
  if (!first || first.payload.length < 5) return undefined;
  const data = first.payload;
  switch (first.name) {
    case 'VP8 ':
      // A key frame: tag of three bytes, start code of three, then two sizes of 14 bits.
      if (data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return undefined;
      return sized((data[6]! | (data[7]! << 8)) & 0x3fff, (data[8]! | (data[9]! << 8)) & 0x3fff);
    case 'VP8L': {
      if (data[0] !== 0x2f) return undefined;
      const bits = data[1]! | (data[2]! << 8) | (data[3]! << 16) | (data[4]! << 24);
      return sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return sized(
        (data[4]! | (data[5]! << 8) | (data[6]! << 16)) + 1,
        (data[7]! | (data[8]! << 8) | (data[9]! << 16)) + 1,
      );
    default:
      return undefined;
  }
}

const sized = (width: number, height: number) => (width > 0 && height > 0 ? { width, height } : undefined);

/** Bytes that the RIFF container says the file has. */
const containerLength = (bytes: Uint8Array) =>
  8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);

/** The chunks of the RIFF container, in order. */
function* chunks(bytes: Uint8Array): Generator<{ name: string; payload: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 12;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at + 4, true);
    yield { name: fourCC(bytes, at), payload: bytes.subarray(at + 8, at + 8 + length) };
    at += 8 + length + (length & 1);
  }
}

function fourCC(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
