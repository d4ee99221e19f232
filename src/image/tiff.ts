import { type Codec, type Decoded, decodingFailed, grey, requireHalf } from './codec.ts';
import { createRaster } from './raster.ts';
import { rasterPicture } from './raster-picture.ts';
import { decompressorFor } from './tiff/decompress.ts';
import { readTiffHeader, type TiffHeader } from './tiff/header.ts';
import { rgbWriterFor } from './tiff/samples.ts';

/**
 * TIFF, its first page: strips and tiles; uncompressed, PackBits, LZW, deflate and JPEG; 1 to 16 bits; grey, RGB,
 * palette, CMYK and YCbCr, with alpha, samples side by side or in planes. Colour profiles are not applied.
 * Memory beside the picture's: one strip or tile.
 * Source: TIFF 6.0, and Adobe's technical notes on its supplements 1 and 2.
 */
export const tiff: Codec<TiffHeader> = {
  name: 'TIFF',

  recognises: (bytes) => {
    const [a, b, c, d] = bytes;
    return (
      (a === 0x49 && b === 0x49 && c === 42 && d === 0) || (a === 0x4d && b === 0x4d && c === 0 && d === 42)
    );
  },

  readHeader: readTiffHeader,

  async decode(bytes, header, { checkpoint }): Promise<Decoded> {
    const { width, height, chunkWidth, chunkHeight, across, down, planes } = header;
    // Pieces whose first byte the file does not have cannot be there.
    const present = header.pieces.filter(({ offset, length }) => length > 0 && offset < bytes.length).length;
    requireHalf('TIFF', 1 - present / (across * down * planes));

    const raster = createRaster(width, height);
    raster.data.fill(grey);
    const decompress = decompressorFor(bytes, header, checkpoint);
    const write = rgbWriterFor(header);
    let found = 0;
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        checkpoint();
        const [left, top] = [column * chunkWidth, row * chunkHeight];
        const rows = Math.min(chunkHeight, height - top);
        const columns = Math.min(chunkWidth, width - left);
        const pieces: Uint8Array[] = [];
        let complete = rows;
        for (let plane = 0; plane < planes; plane++) {
          const piece = header.pieces[(plane * down + row) * across + column];
          const { data, rows: there } = await decompress(piece, rows);
          pieces.push(data);
          complete = Math.min(complete, there);
        }
        for (let y = 0; y < complete; y++)
          write(pieces, y, columns, raster.data, 3 * ((top + y) * width + left));
        found += complete * columns;
      }
    }
    const missing = 1 - found / (width * height);
    if (missing === 1) throw decodingFailed('damaged TIFF data');
    return { picture: rasterPicture(raster), missing };
  },
};
