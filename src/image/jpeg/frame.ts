import { decodingFailed } from '../codec.ts';

/** The frame header, and the sizes that follow from it (ITU-T T.81, A.1 and B.2.2). */
export interface Frame {
  /** Pixels, at least 1. */
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly Component[];
  /** Largest sampling factors of a component. An MCU is 8 times as many pixels wide and high. */
  readonly maxHorizontal: number;
  readonly maxVertical: number;
  readonly mcuColumns: number;
  readonly mcuRows: number;
}

/** One of the planes that a picture is coded in. */
export interface Component {
  readonly id: number;
  /** Sampling factors, 1 to 4: blocks of an MCU in a row, and rows of them. */
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantization: number;
  /** Samples that carry the picture, without what fills up the last blocks. */
  readonly width: number;
  readonly height: number;
  /** The same in blocks: what scans of this component alone consist of. */
  readonly blockColumns: number;
  readonly blockRows: number;
  /** Blocks in a row, with those that fill up the last MCU. */
  readonly blocksPerLine: number;
}

const baseline = 0xc0;
const extendedSequential = 0xc1;
const progressive = 0xc2;

/** The codings that other frame markers announce, for people. */
const unsupported: Readonly<Record<number, string>> = {
  3: 'lossless coding',
  5: 'hierarchical coding',
  6: 'hierarchical coding',
  7: 'hierarchical coding',
  9: 'arithmetic coding',
  10: 'arithmetic coding',
  11: 'arithmetic coding',
};

/**
 * Size of the picture in a frame header's payload. A height of 0 is one that a later segment says.
 *
 * @param lines that segment's payload
 * @throws PhizError IMAGE_DECODING_FAILED
 */
export function readFrameSize(payload: Uint8Array, lines?: Uint8Array): { width: number; height: number } {
  if (payload.length < 6) throw decodingFailed('a JPEG whose frame header is cut off');
  const height = (payload[1]! << 8) | payload[2]! || (lines ? (lines[0]! << 8) | lines[1]! : 0);
  const width = (payload[3]! << 8) | payload[4]!;
  if (width === 0 || (lines && height === 0)) throw decodingFailed('a JPEG without pixels');
  return { width, height };
}

/**
 * @param lines the payload of the segment that says the height, for a frame that does not
 * @throws PhizError IMAGE_DECODING_FAILED for kinds of JPEG that are not decoded, and for nonsense
 */
export function readFrame(marker: number, payload: Uint8Array, lines?: Uint8Array): Frame {
  if (marker !== baseline && marker !== extendedSequential && marker !== progressive) {
    throw decodingFailed(
      `a JPEG with ${unsupported[marker & 15] ?? 'differential coding'}, which is not supported`,
    );
  }
  const { width, height } = readFrameSize(payload, lines);
  if (payload[0] !== 8) throw decodingFailed(`a JPEG of ${payload[0]} bits a sample; 8 are supported`);
  const count = payload[5]!;
  if (count !== 1 && count !== 3 && count !== 4) throw decodingFailed(`a JPEG of ${count} colour components`);
  if (payload.length < 6 + 3 * count) throw decodingFailed('a JPEG whose frame header is cut off');

  const declared = Array.from({ length: count }, (_, index) => {
    const [id, factors, quantization] = payload.subarray(6 + 3 * index, 9 + 3 * index) as unknown as number[];
    const [horizontal, vertical] = [factors! >> 4, factors! & 15];
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4 || quantization! > 3) {
      throw decodingFailed(`a JPEG with sampling factors ${horizontal}×${vertical}`);
    }
    // A component alone is not subsampled, whatever its factors: its scans are plain rows of blocks.
    return count === 1
      ? { id: id!, horizontal: 1, vertical: 1, quantization: quantization! }
      : { id: id!, horizontal, vertical, quantization: quantization! };
  });
  const maxHorizontal = Math.max(...declared.map(({ horizontal }) => horizontal));
  const maxVertical = Math.max(...declared.map(({ vertical }) => vertical));
  const mcuColumns = Math.ceil(width / (8 * maxHorizontal));
  const mcuRows = Math.ceil(height / (8 * maxVertical));
  return {
    width,
    height,
    progressive: marker === progressive,
    maxHorizontal,
    maxVertical,
    mcuColumns,
    mcuRows,
    components: declared.map((component) => {
      const ownWidth = Math.ceil((width * component.horizontal) / maxHorizontal);
      const ownHeight = Math.ceil((height * component.vertical) / maxVertical);
      return {
        ...component,
        width: ownWidth,
        height: ownHeight,
        blockColumns: Math.ceil(ownWidth / 8),
        blockRows: Math.ceil(ownHeight / 8),
        blocksPerLine: mcuColumns * component.horizontal,
      };
    }),
  };
}
