import { PhizError } from '../errors.ts';
import { type Codec, decodingFailed } from './codec.ts';
import { codingOf, type HeifHeader, readHeifHeader } from './heif/header.ts';
import { rasterPicture } from './raster-picture.ts';
import { withoutAlpha } from './without-alpha.ts';

/**
 * HEIC by whatever the place has for it: phiz ships no decoder, since HEVC is patented. Those there are turn the
 * picture as its container says.
 */
export const heic: Codec<HeifHeader> = {
  name: 'HEIC',

  recognises: (bytes) => codingOf(bytes) === 'HEIC',

  readHeader: (bytes) => readHeifHeader('HEIC', bytes),

  async decode(bytes, header, { decodeHeic, checkpoint }) {
    checkpoint();
    const image = await decodeHeic?.(bytes, header.width * header.height, checkpoint).catch(
      (error: unknown) => {
        if (error instanceof PhizError) throw error;
        throw decodingFailed('damaged HEIC data', error);
      },
    );
    if (!image) {
      throw decodingFailed(
        'a HEIC picture, as iPhones take them; install a decoder beside phiz (npm install libheif-js), or save it as JPEG',
      );
    }
    const { width, height } = image;
    if (width * height !== header.width * header.height) {
      throw decodingFailed('a HEIC whose headers contradict each other');
    }
    return { picture: rasterPicture(withoutAlpha(image, checkpoint)), missing: 0 };
  },
};
