import { PhizError } from '../errors.ts';
import type { Orientation } from './orientation.ts';
import type { Picture } from './picture.ts';

/** The facts that a file tells before its pixels. */
export interface Header {
  /** Pixels as stored, before orientation; at least 1. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}

/** The services that a codec needs besides the file. */
export interface DecodeContext {
  /**
   * Called every few rows, and from views that are made later: says that the work is alive, and throws
   * a PhizError when it is to stop.
   */
  readonly checkpoint: () => void;
  /** See {@link DecodeOptions.overview}. */
  readonly overview: number;
  /** The bytes of a decoder that is not ours; asked for when the first such picture comes. */
  readonly readAsset: (name: DecoderAsset) => Promise<Uint8Array>;
  /** Decodes HEIC, where this place can. */
  readonly decodeHeic: DecodeHeic | undefined;
}

/** Decoders in WebAssembly, by their names in assets.ts. */
export type DecoderAsset = 'wasm/webp.wasm' | 'wasm/avif.wasm';

/** RGBA pixels, alpha not premultiplied, row-major, upright as the container says. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/**
 * @param mostPixels those that the header announces: a file may have a larger picture besides
 * @param checkpoint see {@link DecodeContext.checkpoint}; called where the decoder lets us
 * @returns the primary picture; undefined where no decoder is at hand
 */
export type DecodeHeic = (
  bytes: Uint8Array,
  mostPixels: number,
  checkpoint: () => void,
) => Promise<RgbaImage | undefined>;

/** A picture, and what its file lacks of it. */
export interface Decoded {
  /** As stored, not yet oriented. */
  readonly picture: Picture;
  /** Share of the pixels that the file does not have, 0 to 1: they are grey. */
  readonly missing: number;
  /** Share of the detail that a file lacks whose pixels are all there, 0 to 1: later passes of a progressive one. */
  readonly coarse?: number;
}

/** One picture format. `H` is what it knows from the header. */
export interface Codec<H extends Header = Header> {
  /** For people, with its article left out: `JPEG`. */
  readonly name: string;
  /** True where the file begins as this format does. */
  recognises(bytes: Uint8Array): boolean;
  /** Reads the header alone; nothing is allocated for pixels. @throws PhizError IMAGE_DECODING_FAILED */
  readHeader(bytes: Uint8Array): H | Promise<H>;
  /**
   * Memory and time are bounded by the header's pixels and the file's length.
   * @throws PhizError IMAGE_DECODING_FAILED; whatever `checkpoint` throws
   */
  decode(bytes: Uint8Array, header: H, context: DecodeContext): Decoded | Promise<Decoded>;
}

/** The error for a file that is no picture, or a damaged one. `reason` reads on from "Failed to decode: ". */
export function decodingFailed(reason: string, cause?: unknown): PhizError {
  return new PhizError('IMAGE_DECODING_FAILED', `Failed to decode: ${reason}`, { cause });
}

/** Share that may be missing of a picture that is still worth looking at. */
export const bearable = 0.5;

/** The missing share of a file, for people: in whole percents, and `100%` only for all. */
export const missingFrom = (name: string, share: number): string =>
  `a ${name} of which ${percent(share)} is missing or damaged`;

export const percent = (share: number): string =>
  `${share < 1 ? Math.min(99, Math.max(1, Math.round(100 * share))) : 100}%`;

/**
 * For formats that know from the file's length what it cannot have.
 * @throws PhizError IMAGE_DECODING_FAILED where more than half is missing, before memory is taken for the rest
 */
export function requireHalf(name: string, missing: number): void {
  if (missing > bearable) throw decodingFailed(missingFrom(name, missing));
}

/** Pixels that are missing: what JPEG makes of a block without coefficients. */
export const grey = 128;
