import { PhizError } from '../errors.ts';
import { type Codec, type Decoded, decodingFailed } from './codec.ts';
import { readChunks, signature } from './png/chunks.ts';
import { colour, type PngHeader, readHeader } from './png/header.ts';
import { inflate, inflateDamaged } from './png/inflate.ts';
import { rowWriter } from './png/pixels.ts';
import { createRowReader } from './png/rows.ts';
import { rasterPicture } from './raster-picture.ts';

/** PNG: all colour types and depths, interlaced or not; of an animation, the still picture. */
export const png: Codec<PngHeader> = {
  name: 'PNG',

  recognises: (bytes) => signature.every((byte, at) => bytes[at] === byte),

  readHeader,

  async decode(bytes, header, { checkpoint }): Promise<Decoded> {
    const { parts, palette, transparency } = collect(bytes);
    if (header.colourType === colour.palette && !palette) throw decodingFailed('a PNG without its palette');
    const write = rowWriter(header, palette, transparency);
    const start = () => {
      const rows = createRowReader(header, write);
      const take = (inflated: Uint8Array): boolean => {
        checkpoint();
        return rows.take(inflated);
      };
      return { rows, take };
    };

    const { rows, take } = start();
    const failure = await inflate(parts, take).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof PhizError) throw error;
        return error as Error;
      },
    );
    if (rows.missing === 0) return { picture: rasterPicture(rows.raster), missing: 0 };
    // The platform's code drops what it had inflated before the damage.
    const again = start();
    inflateDamaged(parts, again.take);
    const { raster, missing } = again.rows.finish();
    if (missing === 1)
      throw decodingFailed(`damaged PNG data${failure ? ` (${failure.message})` : ''}`, failure);
    return { picture: rasterPicture(raster), missing };
  },
};

/** The chunks that make the pixels: IDAT, PLTE and tRNS. */
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
