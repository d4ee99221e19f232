import { decodingFailed, type Header } from '../codec.ts';
import { asOrientation, type Metadata, orientationOf } from '../orientation.ts';
import { readDirectory } from './directory.ts';

/** The meaning of samples (tag 262). */
export const photometric = { whiteIsZero: 0, blackIsZero: 1, rgb: 2, palette: 3, cmyk: 5, ycc: 6 } as const;

export type TiffCompression = 'none' | 'lzw' | 'jpeg' | 'deflate' | 'packbits' | 'old-jpeg';

const compressions: Readonly<Record<number, TiffCompression>> = {
  1: 'none',
  5: 'lzw',
  6: 'old-jpeg',
  7: 'jpeg',
  8: 'deflate',
  32773: 'packbits',
  32946: 'deflate',
};

/** Compressions that are not read, for people. */
const unsupported: Readonly<Record<number, string>> = {
  2: 'fax coding (CCITT)',
  3: 'fax coding (CCITT)',
  4: 'fax coding (CCITT)',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  52546: 'JPEG XL',
};

/** Where a strip or tile stands in the file. */
export interface StripOrTile {
  readonly offset: number;
  readonly length: number;
}

export interface TiffHeader extends Header {
  readonly little: boolean;
  readonly compression: TiffCompression;
  /** One of {@link photometric}. */
  readonly photometric: number;
  /** Bits of a sample, 1 to 16, the same for all. */
  readonly bits: number;
  /** Samples of a pixel, alpha and others included, 1 to 8. */
  readonly samples: number;
  /** Which sample is alpha, and whether the colours are multiplied with it; undefined for none. */
  readonly alpha: { readonly sample: number; readonly multiplied: boolean } | undefined;
  /** 1 where a pixel's samples are side by side; else as many as samples, each with pieces of its own. */
  readonly planes: number;
  /** Size of a strip or tile in pixels, and how many there are in each direction. */
  readonly chunkWidth: number;
  readonly chunkHeight: number;
  readonly across: number;
  readonly down: number;
  /** Plane after plane, row after row. */
  readonly pieces: readonly StripOrTile[];
  /** True: samples are stored as the difference to the pixel before. */
  readonly predicted: boolean;
  /** True: a byte's lowest bits come first. */
  readonly reversed: boolean;
  /** 16-bit red of each colour, then green, then blue. */
  readonly palette: readonly number[];
  /** Chroma is stored once for so many columns and rows. */
  readonly subsampling: readonly [number, number];
  /** Tables of JPEG pieces that have none of their own. */
  readonly jpegTables: Uint8Array | undefined;
}

const tag = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripLengths: 279,
  planar: 284,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileLengths: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  jpegOffset: 513,
  jpegLength: 514,
  subsampling: 530,
  xmp: 700,
} as const;

/** Samples that each kind of picture has besides alpha. */
const coloursOf: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 };

/** Bytes that a strip or tile may have beyond the pixels that it brings to the picture. */
const slack = 2 ** 24;

/** @throws PhizError IMAGE_DECODING_FAILED for files that are not decoded, with the reason */
export function readTiffHeader(bytes: Uint8Array): TiffHeader {
  const directory = readDirectory(bytes);
  const one = (which: number, preset: number) => directory.numbers(which)[0] ?? preset;

  const [width, height] = [one(tag.width, 0), one(tag.height, 0)];
  if (width === 0 || height === 0) throw decodingFailed('a TIFF without pixels');
  const number = one(tag.compression, 1);
  const compression = compressions[number];
  if (!compression) {
    throw decodingFailed(
      `a TIFF with ${unsupported[number] ?? `compression ${number}`}, which is not supported`,
    );
  }
  const kind = one(tag.photometric, photometric.blackIsZero);
  const colours = coloursOf[kind];
  if (!colours) throw decodingFailed(`a TIFF with colours of kind ${kind}, which is not supported`);
  const depths = directory.numbers(tag.bits);
  const bits = depths[0] ?? 1;
  const samples = one(tag.samples, depths.length || 1);
  const isFloat = directory.numbers(tag.sampleFormat).some((format) => format === 3);
  if (bits < 1 || bits > 16 || depths.some((depth) => depth !== bits) || isFloat) {
    throw decodingFailed(
      `a TIFF of ${[...new Set(depths)].join(', ')} bits a sample${isFloat ? ' (floating point)' : ''}, which is not supported`,
    );
  }
  if (samples < colours || samples > 8)
    throw decodingFailed(`a TIFF of ${samples} samples a pixel, which is not supported`);
  const predictor = one(tag.predictor, 1);
  if (predictor > 2 || (predictor === 2 && bits !== 8 && bits !== 16)) {
    throw decodingFailed(`a TIFF with predictor ${predictor}, which is not supported`);
  }

  const tiled = directory.numbers(tag.tileOffsets).length > 0;
  const planes = one(tag.planar, 1) === 2 && samples > 1 ? samples : 1;
  const chunkWidth = tiled ? one(tag.tileWidth, 0) : width;
  const chunkHeight = tiled
    ? one(tag.tileHeight, 0)
    : Math.min(height, one(tag.rowsPerStrip, height) || height);
  const rowBytes = Math.ceil((chunkWidth * (planes > 1 ? 1 : samples) * bits) / 8);
  const usedRows = Math.min(chunkHeight, height);
  if (
    chunkWidth === 0 ||
    chunkHeight === 0 ||
    rowBytes * usedRows > 2 * width * height * samples * 2 + slack
  ) {
    throw decodingFailed('a TIFF with tiles of an impossible size');
  }
  const [across, down] = [Math.ceil(width / chunkWidth), Math.ceil(height / chunkHeight)];
  const count = across * down * planes;
  const offsets = directory.numbers(tiled ? tag.tileOffsets : tag.stripOffsets, count);
  const lengths = directory.numbers(tiled ? tag.tileLengths : tag.stripLengths, count);
  // A single strip may leave its length out: it ends with the file.
  const pieces = offsets.map((offset, index) => ({
    offset,
    length: lengths[index] ?? bytes.length - offset,
  }));
  const whole = oldJpeg(compression, one(tag.jpegOffset, 0), one(tag.jpegLength, 0), bytes);
  if (pieces.length === 0 && !whole) throw decodingFailed('a TIFF without pixels');

  const extra = directory.numbers(tag.extraSamples);
  const alphaAt = extra.findIndex((meaning) => meaning === 1 || meaning === 2);
  const common = {
    width,
    height,
    orientation: asOrientation(one(tag.orientation, 0)) ?? orientationOf(xmpOf(directory.bytes(tag.xmp))),
    little: directory.little,
    compression,
    photometric: kind,
    bits,
    samples,
    alpha: alphaAt < 0 ? undefined : { sample: colours + alphaAt, multiplied: extra[alphaAt] === 1 },
    predicted: predictor === 2,
    reversed: one(tag.fillOrder, 1) === 2,
    palette: directory.numbers(tag.palette, 3 * 2 ** Math.min(bits, 8)),
    subsampling: subsamplingOf(directory.numbers(tag.subsampling)),
    jpegTables: directory.bytes(tag.jpegTables),
  };
  if (kind === photometric.palette && bits > 8)
    throw decodingFailed('a TIFF with a palette of more than 8 bits');
  if (whole) {
    return {
      ...common,
      planes: 1,
      chunkWidth: width,
      chunkHeight: height,
      across: 1,
      down: 1,
      pieces: [whole],
    };
  }
  return { ...common, planes, chunkWidth, chunkHeight, across, down, pieces };
}

function* xmpOf(bytes: Uint8Array | undefined): Generator<Metadata> {
  if (bytes) yield { kind: 'xmp', bytes };
}

/** The whole picture as a JPEG within the file, as scanners of the nineties wrote it. */
function oldJpeg(
  compression: TiffCompression,
  offset: number,
  length: number,
  bytes: Uint8Array,
): StripOrTile | undefined {
  if (compression !== 'old-jpeg') return undefined;
  if (offset === 0 || offset >= bytes.length) {
    throw decodingFailed('a TIFF with JPEG in the old way, in pieces, which is not supported');
  }
  return { offset, length: length || bytes.length - offset };
}

function subsamplingOf([horizontal = 2, vertical = 2]: readonly number[]): [number, number] {
  const valid = [1, 2, 4];
  if (!valid.includes(horizontal) || !valid.includes(vertical)) {
    throw decodingFailed(`a TIFF with chroma subsampled ${horizontal}×${vertical}`);
  }
  return [horizontal, vertical];
}
