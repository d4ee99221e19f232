import { PhizError } from '../errors.ts';
import { type Codec, decodingFailed } from './codec.ts';
import { readChunks, signature } from './png/chunks.ts';
import { colour, type PngHeader, readHeader } from './png/header.ts';
import { inflate } from './png/inflate.ts';
import { rowWriter } from './png/pixels.ts';
import { createRowReader } from './png/rows.ts';
import { rasterPicture } from './raster-picture.ts';

/** PNG: all colour types and depths, interlaced or not; of an animation, the still picture. */
export const png: Codec<PngHeader> = {
  recognises: (bytes) => signature.every((byte, at) => bytes[at] === byte),

  readHeader,

  async decode(bytes, header) {
    const { parts, palette, transparency } = collect(bytes);
    if (header.colourType === colour.palette && !palette) throw decodingFailed('a PNG without its palette');
    const rows = createRowReader(header, rowWriter(header, palette, transparency));
    await inflate(parts, (inflated) => {
      rows.take(inflated);
      return !rows.done;
    }).catch((error: unknown) => {
      if (error instanceof PhizError) throw error;
      throw decodingFailed(`damaged PNG data (${(error as Error).message})`, error);
    });
    if (!rows.done) throw decodingFailed('the PNG ends before its last row');
    return rasterPicture(rows.raster);
  },
};

/** What the pixels are made of: the IDAT chunks, PLTE and tRNS. */
function collect(bytes: Uint8Array) {
  const parts: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  for (const { name, data } of readChunks(bytes)) {
    if (name === 'IDAT') parts.push(data);
    else if (name === 'PLTE') palette = data;
    else if (name === 'tRNS') transparency = data;
  }
  return { parts, palette, transparency };
}
