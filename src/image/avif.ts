import { PhizError } from '../errors.ts';
import { type Codec, decodingFailed } from './codec.ts';
import { codingOf, type HeifHeader, readHeifHeader } from './heif/header.ts';
import { orient } from './orient.ts';
import { rasterPicture } from './raster-picture.ts';
import type { WasmDecoder } from './wasm-decoder.ts';
import { withoutAlpha } from './without-alpha.ts';

interface Module {
  decode(bytes: Uint8Array, bits: 8): ImageData | null;
}

/** One for the thread, made when the first such picture comes. */
let decoder: Promise<WasmDecoder<Module>> | undefined;

/** Pixels beyond which dav1d refuses a frame where addresses have 32 bits; tiles may have as many each. */
const mostInOnePiece = 8_192 ** 2;

/** Bytes that the decoder may take: of its own, and for each pixel (12 bits in 4:4:4 and alpha, and RGBA twice). */
const memory = { own: 64 * 1024 ** 2, perPixel: 24 };

/** AVIF by libavif and dav1d in WebAssembly: all depths and samplings, alpha, tiles; of a sequence the still picture. */
export const avif: Codec<HeifHeader> = {
  name: 'AVIF',

  recognises: (bytes) => codingOf(bytes) === 'AVIF',

  readHeader: (bytes) => readHeifHeader('AVIF', bytes),

  async decode(bytes, { width, height, turned, tiled }, { readAsset, checkpoint }) {
    if (!tiled && width * height > mostInOnePiece) {
      throw decodingFailed(
        'an AVIF of more than 67 megapixels in one piece, which its decoder does not take',
      );
    }
    decoder ??= import('./avif/decoder.ts').then(({ createAvifDecoder }) => createAvifDecoder());
    const image = await (await decoder)
      .run(() => readAsset('wasm/avif.wasm'), {
        checkpoint,
        memory: memory.own + memory.perPixel * width * height,
        decode: (module) => module.decode(bytes, 8),
      })
      .catch((error: unknown) => {
        if (error instanceof PhizError) throw error;
        throw decodingFailed('damaged AVIF data', error);
      });
    if (!image) throw decodingFailed('damaged AVIF data');
    if (image.width !== width || image.height !== height) {
      throw decodingFailed('an AVIF whose headers contradict each other');
    }
    return { picture: orient(rasterPicture(withoutAlpha(image, checkpoint)), turned), missing: 0 };
  },
};
