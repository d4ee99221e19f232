import { decodingFailed, type Header } from '../codec.ts';

/** The coding of the pixels; `masks` is plain too, with the places of the colours in a pixel said. */
export type BmpCompression = 'none' | 'rle8' | 'rle4' | 'masks' | 'rle24';

export interface BmpHeader extends Header {
  readonly bits: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  readonly compression: BmpCompression;
  readonly topDown: boolean;
  /** Offset of the pixels. */
  readonly pixels: number;
  /** Red, green and blue of each colour; empty above 8 bits. */
  readonly palette: Uint8Array;
  /** Which bits of a pixel are red, green, blue and alpha; undefined for the usual ones. */
  readonly masks: readonly [number, number, number, number] | undefined;
}

const fileHeader = 14;
/** Bytes of the information header, by which its versions are told apart. */
const sizes = { core: 12, info: 40, withMasks: 52, withAlpha: 56, os2: 64 } as const;

const compressions: readonly (BmpCompression | undefined)[] = [
  'none',
  'rle8',
  'rle4',
  'masks',
  undefined,
  undefined,
  'masks',
];

/** The compressions of OS/2 2.x under the same numbers. */
const os2Compressions: readonly (BmpCompression | undefined)[] = ['none', 'rle8', 'rle4', undefined, 'rle24'];

const depths: Readonly<Record<BmpCompression, readonly number[]>> = {
  none: [1, 2, 4, 8, 16, 24, 32],
  masks: [16, 32],
  rle4: [4],
  rle8: [8],
  rle24: [24],
};

/** @throws PhizError IMAGE_DECODING_FAILED */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getUint32(fileHeader, true);
  const core = size === sizes.core;
  if ((size < 16 && !core) || size > 1_024) throw decodingFailed('a BMP with an unknown header');
  if (fileHeader + size > bytes.length) throw decodingFailed('a BMP whose header is cut off');
  /** Fields of the longer headers; 0 where a header ends before them. */
  const field = (offset: number) => (offset + 4 <= size ? view.getUint32(fileHeader + offset, true) : 0);

  const width = core ? view.getUint16(fileHeader + 4, true) : view.getInt32(fileHeader + 4, true);
  const storedHeight = core ? view.getUint16(fileHeader + 6, true) : view.getInt32(fileHeader + 8, true);
  const height = Math.abs(storedHeight);
  if (width <= 0 || height === 0) throw decodingFailed('a BMP without pixels');
  const bits = view.getUint16(fileHeader + (core ? 10 : 14), true);
  const number = field(16);
  // Between the sizes of Windows' own headers there are only those that OS/2 2.x shortens.
  const isOs2 = size === sizes.os2 || (!core && size < sizes.info);
  const compression = (isOs2 ? os2Compressions : compressions)[number];
  if (!compression) throw decodingFailed(`a BMP with compression ${number}, which is not supported`);
  if (!depths[compression].includes(bits)) {
    throw decodingFailed(`a BMP of ${bits} bits a pixel in a way that is not supported (${compression})`);
  }

  const hasMasks = compression === 'masks';
  const alphaSaid = number === 6 || size >= sizes.withAlpha;
  // A header of 40 bytes has them right behind it.
  const masksLength = hasMasks && size < sizes.withMasks ? (number === 6 ? 16 : 12) : 0;
  const maskAt = (index: number) => {
    const at = fileHeader + sizes.info + 4 * index;
    return at + 4 <= bytes.length ? view.getUint32(at, true) : 0;
  };
  const masks = hasMasks
    ? ([maskAt(0), maskAt(1), maskAt(2), alphaSaid ? maskAt(3) : 0] as const)
    : undefined;

  const paletteAt = fileHeader + size + masksLength;
  const entryBytes = core ? 3 : 4;
  const declared = view.getUint32(10, true);
  const most = bits <= 8 ? 2 ** bits : 0;
  const wanted = bits <= 8 && field(32) > 0 ? Math.min(field(32), most) : most;
  // The pixels may begin before a whole palette has an end.
  const end = declared >= paletteAt ? Math.min(declared, bytes.length) : bytes.length;
  const colours = Math.max(0, Math.min(wanted, Math.floor((end - paletteAt) / entryBytes)));
  const palette = new Uint8Array(3 * colours);
  for (let index = 0, at = paletteAt; index < colours; index++, at += entryBytes) {
    palette.set([bytes[at + 2]!, bytes[at + 1]!, bytes[at]!], 3 * index);
  }
  return {
    width,
    height,
    orientation: 1,
    bits: bits as BmpHeader['bits'],
    compression,
    topDown: storedHeight < 0,
    pixels: declared >= fileHeader + size ? declared : paletteAt + colours * entryBytes,
    palette,
    masks,
  };
}
