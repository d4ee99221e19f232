import { PhizError } from '../errors.ts';
import type { Orientation } from './exif.ts';
import type { Picture } from './picture.ts';

/** What a file says of itself before its pixels. */
export interface Header {
  /** Pixels as stored, before orientation; at least 1. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}

/** One picture format. `H` is what it knows from the header. */
export interface Codec<H extends Header = Header> {
  /** Whether the file begins as this format does. */
  recognises(bytes: Uint8Array): boolean;
  /** Reads the header alone; nothing is allocated for pixels. @throws PhizError IMAGE_DECODING_FAILED */
  readHeader(bytes: Uint8Array): H;
  /** The picture as stored, not yet oriented. @throws PhizError IMAGE_DECODING_FAILED */
  decode(bytes: Uint8Array, header: H): Picture | Promise<Picture>;
}

/** The error for a file that is no picture, or a damaged one. `reason` reads on from "Failed to decode: ". */
export function decodingFailed(reason: string, cause?: unknown): PhizError {
  return new PhizError('IMAGE_DECODING_FAILED', `Failed to decode: ${reason}`, { cause });
}
