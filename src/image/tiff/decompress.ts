import { PhizError } from '../../errors.ts';
import { wholeOf } from '../geometry.ts';
import { createJpegPicture } from '../jpeg/jpeg-picture.ts';
import { parseJpeg } from '../jpeg/parse.ts';
import { jpeg } from '../jpeg.ts';
import { decodeLzw } from '../lzw.ts';
import { inflate } from '../png/inflate.ts';
import type { Raster } from '../raster.ts';
import { photometric, type StripOrTile, type TiffHeader } from './header.ts';
import { unpackBits } from './pack-bits.ts';

/** A strip or tile. */
export interface TiffRows {
  /** Its rows, with nothing between them but what fills up a row's last byte. */
  readonly data: Uint8Array;
  /** The number of rows that are there; damage ends them. */
  readonly rows: number;
}

/** @param rows how many are wanted, of a chunk that may reach beyond the picture */
export type Decompress = (piece: StripOrTile | undefined, rows: number) => Promise<TiffRows>;

/** The decompressor of a file's pieces to rows of samples, of all planes alike. */
export function decompressorFor(bytes: Uint8Array, header: TiffHeader, checkpoint: () => void): Decompress {
  const rowBytes = bytesOfRow(header);
  const rowsOfUnit = unitRows(header);
  return async (piece, rows) => {
    if (!piece || piece.offset >= bytes.length) return { data: new Uint8Array(0), rows: 0 };
    let source = bytes.subarray(piece.offset, piece.offset + piece.length);
    if (header.compression === 'jpeg' || header.compression === 'old-jpeg') {
      return fromJpeg(source, header, rows, checkpoint);
    }
    if (header.reversed) source = source.map(reverse);
    const units = Math.ceil(rows / rowsOfUnit);
    const target =
      header.compression === 'none' ? source.slice(0, rowBytes * units) : new Uint8Array(rowBytes * units);
    const length = await fill(target, source, header, checkpoint);
    if (header.predicted) undoPrediction(target, rowBytes, header);
    return { data: target, rows: Math.min(rows, Math.floor(length / rowBytes) * rowsOfUnit) };
  };
}

/** True where chroma is stored less often than luma, in units of several rows. */
const isSubsampled = ({
  photometric: kind,
  planes,
  subsampling: [horizontal, vertical],
}: TiffHeader): boolean => kind === photometric.ycc && planes === 1 && horizontal * vertical > 1;

const unitRows = (header: TiffHeader): number => (isSubsampled(header) ? header.subsampling[1] : 1);

/** Bytes of a row; of subsampled pictures those of a row of units. */
function bytesOfRow(header: TiffHeader): number {
  const { chunkWidth, samples, planes, bits, subsampling } = header;
  if (isSubsampled(header)) {
    const [horizontal, vertical] = subsampling;
    return Math.ceil((Math.ceil(chunkWidth / horizontal) * (horizontal * vertical + 2) * bits) / 8);
  }
  return Math.ceil((chunkWidth * (planes > 1 ? 1 : samples) * bits) / 8);
}

/** @returns how many bytes of the target are there */
async function fill(
  target: Uint8Array,
  source: Uint8Array,
  { compression }: TiffHeader,
  checkpoint: () => void,
): Promise<number> {
  switch (compression) {
    case 'lzw':
      return decodeLzw(source, target, { literalBits: 8, highestFirst: true, early: 1 }, checkpoint);
    case 'packbits':
      return unpackBits(source, target);
    case 'deflate': {
      let length = 0;
      await inflate([source], (part) => {
        checkpoint();
        const fitting = part.subarray(0, target.length - length);
        target.set(fitting, length);
        length += fitting.length;
        return length < target.length;
      }).catch((error: unknown) => {
        if (error instanceof PhizError) throw error;
      });
      return length;
    }
    default:
      return target.length;
  }
}

const reverse = (byte: number): number => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
};

/** Each sample becomes the sum of those before it in the row (TIFF 6.0, section 14). */
function undoPrediction(
  data: Uint8Array,
  rowBytes: number,
  { bits, samples, planes, little }: TiffHeader,
): void {
  const step = planes > 1 ? 1 : samples;
  if (bits === 8) {
    for (let row = 0; row + rowBytes <= data.length; row += rowBytes) {
      for (let at = row + step; at < row + rowBytes; at++) data[at]! += data[at - step]!;
    }
    return;
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (let row = 0; row + rowBytes <= data.length; row += rowBytes) {
    for (let at = row + 2 * step; at + 1 < row + rowBytes; at += 2) {
      view.setUint16(at, view.getUint16(at, little) + view.getUint16(at - 2 * step, little), little);
    }
  }
}

/** A piece that is a JPEG of its own, with the tables that all of them share before it, as rows of 8-bit samples. */
function fromJpeg(source: Uint8Array, header: TiffHeader, rows: number, checkpoint: () => void): TiffRows {
  const { chunkWidth, planes } = header;
  const bytes = withTables(source, header.jpegTables);
  const none = { data: new Uint8Array(0), rows: 0 };
  try {
    const size = jpeg.readHeader(bytes) as { width: number; height: number };
    // Its own header must not ask for more than the directory told.
    if (size.width > chunkWidth + 64 || size.height > Math.max(rows, header.chunkHeight) + 64) return none;
    const { picture, missing } = createJpegPicture(parseJpeg(bytes, colourOf(header)), {
      overview: Number.POSITIVE_INFINITY,
      checkpoint,
    });
    const { raster } = picture.view(wholeOf(picture), 1);
    const there = Math.floor(Math.min(rows, raster.height) * (1 - missing));
    return { data: planes > 1 ? firstChannel(raster, chunkWidth) : asWide(raster, chunkWidth), rows: there };
  } catch (error) {
    if (error instanceof PhizError && error.code === 'IMAGE_DECODING_FAILED') return none;
    throw error;
  }
}

/** Without the end of the tables and the beginning of the piece, both make one file. */
function withTables(piece: Uint8Array, tables: Uint8Array | undefined): Uint8Array {
  if (!tables || tables.length < 4) return piece;
  const end = tables.at(-2) === 0xff && tables.at(-1) === 0xd9 ? tables.length - 2 : tables.length;
  const bytes = new Uint8Array(end + piece.length - 2);
  bytes.set(tables.subarray(0, end));
  bytes.set(piece.subarray(2), end);
  return bytes;
}

/** The directory knows what the JPEG's components are. */
function colourOf({ photometric: kind, planes }: TiffHeader) {
  if (planes > 1) return undefined;
  if (kind === photometric.rgb) return 'rgb';
  return kind === photometric.cmyk ? 'ink' : undefined;
}

function asWide({ width, height, data }: Raster, wanted: number): Uint8Array {
  if (width === wanted) return data;
  const target = new Uint8Array(3 * wanted * height);
  for (let y = 0; y < height; y++) {
    target.set(data.subarray(3 * y * width, 3 * (y * width + Math.min(width, wanted))), 3 * y * wanted);
  }
  return target;
}

function firstChannel({ width, height, data }: Raster, wanted: number): Uint8Array {
  const target = new Uint8Array(wanted * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < Math.min(width, wanted); x++) target[y * wanted + x] = data[3 * (y * width + x)]!;
  }
  return target;
}
