import { onWhite } from '../without-alpha.ts';
import { colour, type PngHeader } from './header.ts';

/**
 * Writes a row's pixels as RGB: the first at `data[offset]`, the next `stride` bytes further, `count` of them.
 * `row` holds the packed samples, unfiltered.
 */
export type WriteRow = (
  row: Uint8Array,
  count: number,
  data: Uint8Array,
  offset: number,
  stride: number,
) => void;

/**
 * The writer of a picture's rows as RGB. `palette` is the PLTE chunk, `transparency` tRNS. 16 bits are rounded
 * to 8; what is transparent is laid on white; gamma and colour profiles are not applied.
 */
export function rowWriter(header: PngHeader, palette?: Uint8Array, transparency?: Uint8Array): WriteRow {
  const { colourType, depth } = header;
  if (colourType === colour.rgb && depth === 8 && !transparency) return copyRgb;
  if (colourType === colour.rgbAlpha && depth === 8) return layRgbaOnWhite;
  if (colourType === colour.palette) return paletteWriter(header, palette!, transparency);
  return sampleWriter(header, transparency);
}

const copyRgb: WriteRow = (row, count, data, offset, stride) => {
  if (stride === 3) {
    data.set(row, offset);
    return;
  }
  for (let pixel = 0, to = offset; pixel < count; pixel++, to += stride) {
    data[to] = row[3 * pixel]!;
    data[to + 1] = row[3 * pixel + 1]!;
    data[to + 2] = row[3 * pixel + 2]!;
  }
};

const layRgbaOnWhite: WriteRow = (row, count, data, offset, stride) => {
  for (let from = 0, to = offset; from < 4 * count; from += 4, to += stride) {
    const alpha = row[from + 3]!;
    data[to] = onWhite(row[from]!, alpha);
    data[to + 1] = onWhite(row[from + 1]!, alpha);
    data[to + 2] = onWhite(row[from + 2]!, alpha);
  }
};

function paletteWriter({ depth }: PngHeader, palette: Uint8Array, transparency?: Uint8Array): WriteRow {
  // Entries that the file lacks stay black.
  const colours = new Uint8Array(256 * 3);
  for (let at = 0; at < Math.min(colours.length, palette.length); at++) {
    const alpha = transparency?.[Math.floor(at / 3)] ?? 255;
    colours[at] = onWhite(palette[at]!, alpha);
  }
  return (row, count, data, offset, stride) => {
    for (let pixel = 0, to = offset; pixel < count; pixel++, to += stride) {
      const entry = 3 * sample(row, pixel, depth);
      data[to] = colours[entry]!;
      data[to + 1] = colours[entry + 1]!;
      data[to + 2] = colours[entry + 2]!;
    }
  };
}

/** Grey and RGB of any depth, with an alpha channel or one colour that stands for transparent. */
function sampleWriter({ colourType, channels, depth }: PngHeader, transparency?: Uint8Array): WriteRow {
  const hasAlpha = colourType === colour.greyAlpha || colourType === colour.rgbAlpha;
  const isGrey = colourType === colour.grey || colourType === colour.greyAlpha;
  const most = 2 ** depth - 1;
  const key = hasAlpha ? undefined : readKey(transparency, isGrey ? 1 : 3);
  const scale = 255 / most;
  return (row, count, data, offset, stride) => {
    for (let pixel = 0, to = offset; pixel < count; pixel++, to += stride) {
      const first = pixel * channels;
      const red = sample(row, first, depth);
      const green = isGrey ? red : sample(row, first + 1, depth);
      const blue = isGrey ? red : sample(row, first + 2, depth);
      let alpha = 255;
      if (hasAlpha) alpha = scale * sample(row, first + channels - 1, depth);
      else if (key && red === key[0] && (isGrey || (green === key[1] && blue === key[2]))) alpha = 0;
      data[to] = onWhite(scale * red, alpha);
      data[to + 1] = onWhite(scale * green, alpha);
      data[to + 2] = onWhite(scale * blue, alpha);
    }
  };
}

/** The transparent colour of a tRNS chunk: samples of 16 bits, whatever the picture's depth. */
function readKey(transparency: Uint8Array | undefined, samples: number): number[] | undefined {
  if (!transparency || transparency.length < 2 * samples) return undefined;
  return Array.from({ length: samples }, (_, at) => (transparency[2 * at]! << 8) | transparency[2 * at + 1]!);
}

/** Sample number `index` of a row; samples below 8 bits are packed from the highest bits down. */
function sample(row: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return row[index]!;
  if (depth === 16) return (row[2 * index]! << 8) | row[2 * index + 1]!;
  const bit = index * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}
