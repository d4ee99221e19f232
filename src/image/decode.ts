import { PhizError } from '../errors.ts';
import { type Codec, decodingFailed, type Header } from './codec.ts';
import { jpeg } from './jpeg.ts';
import { orient } from './orient.ts';
import type { Picture } from './picture.ts';
import { png } from './png.ts';
import { webp } from './webp.ts';

export interface DecodeOptions {
  /** The longest side that is accepted, in pixels. */
  readonly maxDimension: number;
  /** Whether to turn the picture upright as its EXIF orientation says. */
  readonly exifOrientation: boolean;
  /**
   * Whether a JPEG that is cut off or damaged is shown as far as it goes, the rest grey. Default false:
   * it is refused where more than a hundredth is missing.
   */
  readonly partialImages?: boolean;
  /**
   * Pixels on the longer side that a picture is first looked at with, by its size, where they are more than
   * the 512 of one look at all of it: a decoder may make them at once, in the same pass over the data in
   * which it notes where everything is.
   */
  readonly overview?: (size: Pick<Header, 'width' | 'height'>) => number;
  /** The bytes of the asset `wasm/webp.wasm`; asked for when the first WebP picture comes. */
  readonly webpBinary: () => Promise<Uint8Array>;
}

/** As many as a network takes that looks at all of a picture at once. */
const leastOverview = 512;

/**
 * Decodes JPEG, PNG and WebP, recognised by content. Transparent pixels are laid on white.
 *
 * @throws PhizError `IMAGE_TOO_LARGE` from the header alone, before anything is allocated;
 * `IMAGE_DECODING_FAILED` for whatever is not a whole picture.
 */
export async function decodePicture(bytes: Uint8Array, options: DecodeOptions): Promise<Picture> {
  if (bytes.length === 0) throw decodingFailed('the file is empty');
  const codecs: Codec[] = [
    jpeg({
      overview: (size) => Math.max(leastOverview, options.overview?.(size) ?? 0),
      partial: options.partialImages ?? false,
    }),
    png,
    webp(options.webpBinary),
  ];
  const codec = codecs.find((candidate) => candidate.recognises(bytes));
  if (!codec) throw decodingFailed('not a JPEG, PNG or WebP file');

  const header = codec.readHeader(bytes);
  if (Math.max(header.width, header.height) > options.maxDimension) {
    throw new PhizError(
      'IMAGE_TOO_LARGE',
      `The picture is ${header.width}×${header.height} pixels; the longest side may have ${options.maxDimension}`,
    );
  }
  const picture = await codec.decode(bytes, header);
  return options.exifOrientation ? orient(picture, header.orientation) : picture;
}
