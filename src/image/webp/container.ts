import type { Metadata } from '../orientation.ts';

/** A chunk of the RIFF container. */
export interface RiffChunk {
  readonly name: string;
  /** Shorter than {@link length} where the file ends. */
  readonly payload: Uint8Array;
  readonly length: number;
}

/** A picture: that of the file, or one of an animation. */
export interface WebpFrame {
  readonly width: number;
  readonly height: number;
  /** Where it lies on the canvas. */
  readonly left: number;
  readonly top: number;
  /** `VP8 ` or `VP8L`. */
  readonly data: RiffChunk;
  /** Transparency of a lossy picture. */
  readonly alpha: RiffChunk | undefined;
  /** Share of the data's bytes that the file does not have, 0 to 1. */
  readonly missing: number;
}

/** Chunks in order, also of damaged files; what an odd one is filled up with is passed over. Source: RFC 9649, section 2. */
export function* chunksOf(bytes: Uint8Array, start = 12): Generator<RiffChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = start; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    yield { name, payload: bytes.subarray(at + 8, at + 8 + length), length };
    at += 8 + length + (length & 1);
  }
}

/** EXIF and XMP, also where the header does not announce them. */
export function* webpMetadata(chunks: readonly RiffChunk[]): Generator<Metadata> {
  for (const { name, payload } of chunks) {
    if (name === 'EXIF') yield { kind: 'exif', bytes: payload };
    else if (name === 'XMP ') yield { kind: 'xmp', bytes: payload };
  }
}

/** The still picture, or the first of an animation. */
export function frameOf(chunks: readonly RiffChunk[], left = 0, top = 0): WebpFrame | undefined {
  let alpha: RiffChunk | undefined;
  for (const chunk of chunks) {
    const { name, payload, length } = chunk;
    if (name === 'ALPH') alpha = chunk;
    if (name === 'ANMF') {
      if (payload.length < 16) return undefined;
      const position = [0, 3].map(
        (at) => 2 * (payload[at]! | (payload[at + 1]! << 8) | (payload[at + 2]! << 16)),
      );
      return frameOf([...chunksOf(payload, 16)], position[0], position[1]);
    }
    if (name !== 'VP8 ' && name !== 'VP8L') continue;
    const size = sizeOf(chunk);
    const missing = length === 0 ? 0 : 1 - payload.length / length;
    return size && { ...size, left, top, data: chunk, alpha: name === 'VP8 ' ? alpha : undefined, missing };
  }
  return undefined;
}

function sizeOf({ name, payload }: RiffChunk): { width: number; height: number } | undefined {
  const [width, height] = name === 'VP8 ' ? lossySize(payload) : losslessSize(payload);
  return width && height ? { width, height } : undefined;
}

/** A key frame: tag of three bytes, start code of three, then two sizes of 14 bits. */
function lossySize(data: Uint8Array): [number?, number?] {
  if (data.length < 10 || data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return [];
  return [(data[6]! | (data[7]! << 8)) & 0x3fff, (data[8]! | (data[9]! << 8)) & 0x3fff];
}

function losslessSize(data: Uint8Array): [number?, number?] {
  if (data.length < 5 || data[0] !== 0x2f) return [];
  const bits = data[1]! | (data[2]! << 8) | (data[3]! << 16) | (data[4]! << 24);
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
}

/**
 * A file of one frame and nothing else.
 *
 * @param filling the bytes that the frame's data lacks
 */
export function stillOf({ width, height, data, alpha }: WebpFrame, filling: number): Uint8Array {
  const chunks = alpha ? [canvas(width, height), alpha, data] : [data];
  const length = chunks.reduce((sum, chunk) => sum + 8 + chunk.length + (chunk.length & 1), 12);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const write = (name: string, at: number) => {
    for (let letter = 0; letter < 4; letter++) bytes[at + letter] = name.charCodeAt(letter);
  };
  write('RIFF', 0);
  view.setUint32(4, length - 8, true);
  write('WEBP', 8);
  let at = 12;
  for (const chunk of chunks) {
    write(chunk.name, at);
    view.setUint32(at + 4, chunk.length, true);
    bytes.set(chunk.payload, at + 8);
    bytes.fill(filling, at + 8 + chunk.payload.length, at + 8 + chunk.length);
    at += 8 + chunk.length + (chunk.length & 1);
  }
  return bytes;
}

/** The header of a lossy picture with transparency. */
function canvas(width: number, height: number): RiffChunk {
  const payload = new Uint8Array(10);
  const hasAlpha = 0x10;
  payload[0] = hasAlpha;
  for (const [at, value] of [
    [4, width - 1],
    [7, height - 1],
  ] as const) {
    payload.set([value & 255, (value >> 8) & 255, value >> 16], at);
  }
  return { name: 'VP8X', payload, length: payload.length };
}
