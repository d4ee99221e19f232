import { PhizError } from '../errors.ts';
import { avif } from './avif.ts';
import { bmp } from './bmp.ts';
import {
  bearable,
  type Codec,
  type DecodeContext,
  type Decoded,
  decodingFailed,
  type Header,
  missingFrom,
  percent,
} from './codec.ts';
import { gif } from './gif.ts';
import { heic } from './heic.ts';
import { jpeg } from './jpeg.ts';
import { kindOf } from './kinds.ts';
import { orient } from './orient.ts';
import type { Picture } from './picture.ts';
import { png } from './png.ts';
import { tiff } from './tiff.ts';
import { webp } from './webp.ts';

/** The services of a runtime that decoders use. */
export interface DecodePorts extends Pick<DecodeContext, 'readAsset'> {
  readonly decodeHeic?: DecodeContext['decodeHeic'] | undefined;
  /** See {@link DecodeContext.checkpoint}. Default: none. */
  readonly checkpoint?: () => void;
}

export interface DecodeOptions {
  /** The longest side that is accepted, in pixels. */
  readonly maxDimension: number;
  /** The most pixels that are accepted. */
  readonly maxPixels: number;
  /** True: the picture is turned upright as its metadata says. */
  readonly exifOrientation: boolean;
  /**
   * True: a picture that is cut off or damaged is shown as far as it goes, the rest grey, if at least
   * half is there. Else it is refused where more than a hundredth is missing.
   */
  readonly partialImages: boolean;
  /**
   * Pixels on the longer side that a picture is first looked at with, by its size, where they are more than
   * the 512 of one look at all of it: a decoder may make them at once, in the same pass over the data in
   * which it notes where everything is.
   */
  readonly overview?: (size: Pick<Header, 'width' | 'height'>) => number;
}

/** A picture, and what is to be said of its file. */
export interface DecodedPicture extends Picture {
  /** Sentences for people: how much of the picture is missing. Absent where there is nothing to say. */
  readonly warnings?: readonly string[];
}

const codecs = [jpeg, png, webp, bmp, gif, tiff, avif, heic] as readonly Codec[];

/** As many as a network takes that looks at all of a picture at once. */
const leastOverview = 512;

/**
 * Share of a picture that may be missing without a word, as all programs forgive: what a camera or an
 * upload cut off the end, or a spoilt restart interval.
 */
const forgiven = 0.01;

/**
 * Decodes a picture of any format that is read, recognised by content. Transparent pixels are laid on white.
 *
 * @throws PhizError `IMAGE_TOO_LARGE` from the header alone, before anything is allocated;
 * `IMAGE_DECODING_FAILED` for what is no picture, or not enough of one; whatever the checkpoint throws.
 */
export async function decodePicture(
  bytes: Uint8Array,
  options: DecodeOptions,
  ports: DecodePorts,
): Promise<DecodedPicture> {
  if (bytes.length === 0) throw decodingFailed('the file is empty');
  const codec = codecs.find((candidate) => candidate.recognises(bytes));
  if (!codec) throw decodingFailed(kindOf(bytes));

  const header = await codec.readHeader(bytes);
  checkSize(header, options);
  const decoded = await codec.decode(bytes, header, {
    readAsset: ports.readAsset,
    decodeHeic: ports.decodeHeic,
    checkpoint: ports.checkpoint ?? (() => {}),
    overview: Math.max(leastOverview, options.overview?.(header) ?? 0),
  });
  const lack = lackOf(codec.name, decoded);
  if (lack && (!options.partialImages || decoded.missing > bearable)) throw decodingFailed(lack);
  const picture = options.exifOrientation ? orient(decoded.picture, header.orientation) : decoded.picture;
  return lack ? Object.assign(picture, { warnings: [`the picture is ${lack}`] }) : picture;
}

/** @throws PhizError `IMAGE_TOO_LARGE` */
function checkSize({ width, height }: Header, { maxDimension, maxPixels }: DecodeOptions): void {
  const size = `The picture is ${width}×${height} pixels`;
  if (Math.max(width, height) > maxDimension) {
    throw new PhizError('IMAGE_TOO_LARGE', `${size}; max_dimension, the longest side, is ${maxDimension}`);
  }
  if (width * height > maxPixels) {
    throw new PhizError(
      'IMAGE_TOO_LARGE',
      `${size}, ${width * height} in all; max_pixels, the most in all, is ${maxPixels}`,
    );
  }
}

/** The lack of a picture, where it is more than is forgiven, in words that name the format; else undefined. */
function lackOf(name: string, { missing, coarse = 0 }: Decoded): string | undefined {
  if (missing > forgiven) return missingFrom(name, missing);
  if (coarse > forgiven)
    return `a ${name} without ${percent(coarse)} of its detail: its last passes are missing`;
  return undefined;
}
