import { type BmpHeader, readBmpHeader } from './bmp/header.ts';
import { indexesOf } from './bmp/indexes.ts';
import { masksOf, unmask } from './bmp/masks.ts';
import { type Codec, decodingFailed, grey, requireHalf } from './codec.ts';
import { createRaster, type Raster } from './raster.ts';
import { rasterPicture } from './raster-picture.ts';

/** Rows from one checkpoint to the next. */
const stretch = 64;

/**
 * BMP as Windows and OS/2 write it: 1 to 32 bits, run lengths, bit fields, rows from either end. Alpha that
 * the header declares is laid on white. Source: the headers as Microsoft documents them (wingdi.h), and those of OS/2 2.x.
 */
export const bmp: Codec<BmpHeader> = {
  name: 'BMP',

  recognises: (bytes) => bytes[0] === 0x42 && bytes[1] === 0x4d && bytes.length >= 18,

  readHeader: readBmpHeader,

  decode(bytes, header, { checkpoint }) {
    const { width, height, bits, compression } = header;
    switch (compression) {
      case 'none':
      case 'masks': {
        const rowBytes = 4 * Math.ceil((width * bits) / 32);
        const rows = Math.min(height, Math.floor((bytes.length - header.pixels) / rowBytes));
        const missing = 1 - Math.max(0, rows) / height;
        requireHalf('BMP', missing);
        const raster = greyRaster(width, height);
        const write = rowWriter(bytes, header);
        for (let row = 0; row < rows; row++) {
          if (row % stretch === 0) checkpoint();
          write(
            header.pixels + row * rowBytes,
            raster.data,
            3 * width * (header.topDown ? row : height - 1 - row),
          );
        }
        return { picture: rasterPicture(raster), missing };
      }
      case 'rle4':
      case 'rle8':
      case 'rle24':
        return decodeRuns(bytes, header, checkpoint);
    }
  },
};

/** Pixels that no row overwrites are missing. */
function greyRaster(width: number, height: number): Raster {
  const raster = createRaster(width, height);
  raster.data.fill(grey);
  return raster;
}

/** Writes the RGB of a row that begins at `from` of the file to `target[to]` and on. */
type WriteRow = (from: number, target: Uint8Array, to: number) => void;

function rowWriter(bytes: Uint8Array, header: BmpHeader): WriteRow {
  const { width, bits, palette } = header;
  if (bits <= 8) {
    const row = new Uint8Array(width);
    return (from, target, to) => {
      indexesOf(bytes, from, bits, row);
      for (let x = 0; x < width; x++) putColour(palette, row[x]!, target, to + 3 * x);
    };
  }
  if (bits === 24) {
    return (from, target, to) => {
      for (let at = from, end = to + 3 * width, place = to; place < end; at += 3, place += 3) {
        target[place] = bytes[at + 2]!;
        target[place + 1] = bytes[at + 1]!;
        target[place + 2] = bytes[at]!;
      }
    };
  }
  const masks = masksOf(bytes, header);
  return (from, target, to) => unmask(bytes, from, bits, masks, target, to, width);
}

/** Colours that the palette lacks are black. */
function putColour(palette: Uint8Array, index: number, target: Uint8Array, to: number): void {
  target[to] = palette[3 * index] ?? 0;
  target[to + 1] = palette[3 * index + 1] ?? 0;
  target[to + 2] = palette[3 * index + 2] ?? 0;
}

/** Runs of one colour (or two by turns), stretches of single ones, and jumps over pixels, which have the first colour. */
function decodeRuns(bytes: Uint8Array, header: BmpHeader, checkpoint: () => void) {
  const { width, height, compression, palette, topDown } = header;
  const raster = createRaster(width, height);
  const { data } = raster;
  for (let pixel = 0; pixel < width * height; pixel++) putColour(palette, 0, data, 3 * pixel);

  let at = header.pixels;
  let x = 0;
  let y = 0;
  /** True where the end of the picture was reached, or marked. */
  let ended = false;
  const put = (index: number) => {
    if (x < width && y < height) putColour(palette, index, data, place());
    x++;
  };
  const putTriple = (from: number) => {
    if (x < width && y < height) {
      const to = place();
      data[to] = bytes[from + 2]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from]!;
    }
    x++;
  };
  const place = () => 3 * ((topDown ? y : height - 1 - y) * width + x);
  const nibble = (byte: number, index: number) => (index % 2 === 0 ? byte >> 4 : byte & 15);

  while (at + 1 < bytes.length && !ended) {
    const count = bytes[at]!;
    const value = bytes[at + 1]!;
    if (count > 0) {
      if (compression === 'rle24') {
        if (at + 4 > bytes.length) break;
        for (let index = 0; index < count; index++) putTriple(at + 1);
        at += 4;
      } else {
        for (let index = 0; index < count; index++)
          put(compression === 'rle4' ? nibble(value, index) : value);
        at += 2;
      }
      continue;
    }
    at += 2;
    switch (value) {
      case 0:
        x = 0;
        y++;
        if (y % stretch === 0) checkpoint();
        ended = y >= height;
        break;
      case 1:
        ended = true;
        break;
      case 2:
        x += bytes[at] ?? 0;
        y += bytes[at + 1] ?? 0;
        at += 2;
        break;
      default: {
        const length =
          compression === 'rle24' ? 3 * value : compression === 'rle8' ? value : Math.ceil(value / 2);
        if (at + length > bytes.length) {
          at = bytes.length;
          break;
        }
        for (let index = 0; index < value; index++) {
          if (compression === 'rle24') putTriple(at + 3 * index);
          else put(compression === 'rle8' ? bytes[at + index]! : nibble(bytes[at + (index >> 1)]!, index));
        }
        at += length + (length & 1);
      }
    }
  }
  const rows = ended ? height : Math.min(height, y);
  if (rows === 0 && x === 0) throw decodingFailed('a BMP without pixels');
  for (let row = rows; row < height; row++) {
    const line = topDown ? row : height - 1 - row;
    data.fill(grey, 3 * line * width, 3 * (line + 1) * width);
  }
  return { picture: rasterPicture(raster), missing: 1 - rows / height };
}
