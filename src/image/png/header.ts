import { decodingFailed, type Header } from '../codec.ts';
import { orientationOf } from '../orientation.ts';
import { readChunks } from './chunks.ts';
import { pngMetadata } from './metadata.ts';

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

/** The content of the IHDR chunk. */
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
export async function readHeader(bytes: Uint8Array): Promise<PngHeader> {
  const { value: first } = readChunks(bytes).next();
  if (first?.name === 'CgBI') {
    throw decodingFailed(
      'a PNG as Xcode packs it for iPhones (CgBI), which is no PNG any more: send the original',
    );
  }
  if (first?.name !== 'IHDR' || first.data.length !== 13)
    throw decodingFailed('a PNG without a whole header');
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
    orientation: orientationOf(await pngMetadata(bytes)),
    colourType: colourType!,
    channels,
    depth: depth!,
    interlaced: interlace === 1,
  };
}
