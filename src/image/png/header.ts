import { decodingFailed, type Header } from '../codec.ts';
import { type Orientation, readOrientation } from '../exif.ts';
import { readChunks } from './chunks.ts';

/** Samples of a pixel, as the header numbers them. */
export const colour = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgbAlpha: 6 } as const;

const channelsOf = new Map<number, number>([
  [colour.grey, 1],
  [colour.rgb, 3],
  [colour.palette, 1],
  [colour.greyAlpha, 2],
  [colour.rgbAlpha, 4],
]);

const depthsOf = new Map<number, readonly number[]>([
  [colour.grey, [1, 2, 4, 8, 16]],
  [colour.rgb, [8, 16]],
  [colour.palette, [1, 2, 4, 8]],
  [colour.greyAlpha, [8, 16]],
  [colour.rgbAlpha, [8, 16]],
]);

/** What the IHDR chunk says. */
export interface PngHeader extends Header {
  /** One of {@link colour}. */
  readonly colourType: number;
  /** Samples of a pixel, 1 to 4. */
  readonly channels: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  readonly interlaced: boolean;
}

/** @throws PhizError IMAGE_DECODING_FAILED for a header that the specification does not allow. */
export function readHeader(bytes: Uint8Array): PngHeader {
  const { value: first } = readChunks(bytes).next();
  if (first?.name !== 'IHDR' || first.data.length !== 13) throw decodingFailed('a PNG without a header');
  const view = new DataView(first.data.buffer, first.data.byteOffset);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  if (width === 0 || height === 0) throw decodingFailed('a PNG without pixels');

  const [depth, colourType, compression, filter, interlace] = first.data.subarray(8) as unknown as number[];
  const channels = channelsOf.get(colourType!);
  const valid = channels && depthsOf.get(colourType!)!.includes(depth!);
  if (!valid || compression !== 0 || filter !== 0 || interlace! > 1) {
    throw decodingFailed(`a PNG of an unknown kind (colour type ${colourType}, ${depth} bits)`);
  }
  return {
    width,
    height,
    orientation: findOrientation(bytes),
    colourType: colourType!,
    channels,
    depth: depth!,
    interlaced: interlace === 1,
  };
}

function findOrientation(bytes: Uint8Array): Orientation {
  for (const { name, data } of readChunks(bytes)) {
    if (name === 'eXIf') return readOrientation(data);
  }
  return 1;
}
