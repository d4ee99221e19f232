import { Unzlib } from 'fflate';
import { PhizError } from '../errors.ts';
import { type Codec, decodingFailed } from './codec.ts';
import { readChunks, signature } from './png/chunks.ts';
import { colour, type PngHeader, readHeader } from './png/header.ts';
import { rowWriter } from './png/pixels.ts';
import { createRowReader } from './png/rows.ts';
import { rasterPicture } from './raster-picture.ts';

/**
 * Compressed bytes that are inflated at a time. Deflate expands at most 1032 times, so that no piece
 * makes more than 17 MB, and inflating stops with the picture's last row.
 */
const pieceLength = 16 * 1024;

/** PNG: all colour types and depths, interlaced or not; of an animation, the still picture. */
export const png: Codec<PngHeader> = {
  recognises: (bytes) => signature.every((byte, at) => bytes[at] === byte),

  readHeader,

  decode(bytes, header) {
    const { data, palette, transparency } = collect(bytes);
    if (header.colourType === colour.palette && !palette) throw decodingFailed('a PNG without its palette');
    const rows = createRowReader(header, rowWriter(header, palette, transparency));
    const inflater = new Unzlib((inflated) => rows.take(inflated));
    try {
      for (let at = 0; at < data.length && !rows.done; at += pieceLength) {
        inflater.push(data.subarray(at, at + pieceLength), at + pieceLength >= data.length);
      }
    } catch (error) {
      if (error instanceof PhizError) throw error;
      throw decodingFailed(`damaged PNG data (${(error as Error).message})`, error);
    }
    if (!rows.done) throw decodingFailed('the PNG ends before its last row');
    return rasterPicture(rows.raster);
  },
};

/** What the pixels are made of: the IDAT chunks as one, PLTE and tRNS. */
function collect(bytes: Uint8Array) {
  const parts: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  for (const { name, data } of readChunks(bytes)) {
    if (name === 'IDAT') parts.push(data);
    else if (name === 'PLTE') palette = data;
    else if (name === 'tRNS') transparency = data;
  }
  return { data: concatenate(parts), palette, transparency };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
