import { photometric, type TiffHeader } from './header.ts';

/**
 * Writes a row of a chunk as RGB to `target[to]` and on.
 *
 * @param planes the chunk's rows, one for each plane
 * @param y row of the chunk
 */
export type WriteRgb = (
  planes: readonly Uint8Array[],
  y: number,
  columns: number,
  target: Uint8Array,
  to: number,
) => void;

/** The writer of a file's samples as RGB, on white where they are transparent. */
export function rgbWriterFor(header: TiffHeader): WriteRgb {
  const { compression, photometric: kind, planes, subsampling, bits, samples } = header;
  const isRgb = kind === photometric.rgb && samples === 3 && bits === 8;
  const isJpeg = compression === 'jpeg' || compression === 'old-jpeg';
  if (planes === 1 && (isRgb || isJpeg)) return copyRgb(header);
  if (kind === photometric.ycc && planes === 1 && subsampling[0] * subsampling[1] > 1 && bits === 8) {
    return subsampledWriter(header);
  }
  return sampleWriter(header);
}

/** RGB as it is, which JPEG brings of grey pictures too. */
function copyRgb({ chunkWidth, photometric: kind }: TiffHeader): WriteRgb {
  const inverted = kind === photometric.whiteIsZero;
  return ([data], y, columns, target, to) => {
    const from = 3 * y * chunkWidth;
    target.set(data!.subarray(from, from + 3 * columns), to);
    if (inverted) for (let at = to; at < to + 3 * columns; at++) target[at] = 255 - target[at]!;
  };
}

function sampleWriter(header: TiffHeader): WriteRgb {
  const { samples, planes, alpha } = header;
  const toRgb = colourOf(header);
  const read = reader(header);
  const pixel = new Float64Array(samples);
  const rgb = new Float64Array(3);
  return (chunks, y, columns, target, to) => {
    for (let x = 0; x < columns; x++) {
      for (let sample = 0; sample < samples; sample++) {
        pixel[sample] = planes > 1 ? read(chunks[sample]!, y, x) : read(chunks[0]!, y, x * samples + sample);
      }
      toRgb(pixel, rgb);
      const opacity = alpha ? pixel[alpha.sample]! / 255 : 1;
      for (let colour = 0; colour < 3; colour++) {
        const value = alpha?.multiplied ? rgb[colour]! : rgb[colour]! * opacity;
        target[to + 3 * x + colour] = Math.max(0, Math.min(255, Math.round(value + 255 * (1 - opacity))));
      }
    }
  };
}

/** A sample of a row, 0 to 255; in pictures with a palette its number. */
type ReadSample = (chunk: Uint8Array, y: number, index: number) => number;

function reader({
  bits,
  chunkWidth,
  samples,
  planes,
  little,
  photometric: kind,
  compression,
}: TiffHeader): ReadSample {
  const perRow = chunkWidth * (planes > 1 ? 1 : samples);
  if (bits === 8 || compression === 'jpeg') return (chunk, y, index) => chunk[y * perRow + index]!;
  if (bits === 16) {
    const [high, low] = little ? [1, 0] : [0, 1];
    return (chunk, y, index) => {
      const at = 2 * (y * perRow + index);
      return (chunk[at + high]! * 256 + chunk[at + low]!) / 257;
    };
  }
  const rowBytes = Math.ceil((perRow * bits) / 8);
  const scale = kind === photometric.palette ? 1 : 255 / (2 ** bits - 1);
  return (chunk, y, index) => {
    const bit = index * bits;
    const at = y * rowBytes + (bit >> 3);
    // Up to 15 bits that begin within a byte lie in three of them.
    const three = (chunk[at]! << 16) | ((chunk[at + 1] ?? 0) << 8) | (chunk[at + 2] ?? 0);
    return ((three >> (24 - (bit & 7) - bits)) & ((1 << bits) - 1)) * scale;
  };
}

function colourOf({
  photometric: kind,
  palette,
}: TiffHeader): (pixel: Float64Array, rgb: Float64Array) => void {
  switch (kind) {
    case photometric.whiteIsZero:
      return (pixel, rgb) => rgb.fill(255 - pixel[0]!);
    case photometric.blackIsZero:
      return (pixel, rgb) => rgb.fill(pixel[0]!);
    case photometric.palette: {
      const colours = palette.length / 3;
      // Some programs write 8 bits where 16 are meant.
      const scale = palette.some((value) => value > 255) ? 257 : 1;
      return (pixel, rgb) => {
        for (let colour = 0; colour < 3; colour++)
          rgb[colour] = (palette[colour * colours + pixel[0]!] ?? 0) / scale;
      };
    }
    case photometric.cmyk:
      return (pixel, rgb) => {
        const light = (255 - pixel[3]!) / 255;
        for (let colour = 0; colour < 3; colour++) rgb[colour] = (255 - pixel[colour]!) * light;
      };
    case photometric.ycc:
      return (pixel, rgb) => toRgb(pixel[0]!, pixel[1]!, pixel[2]!, rgb);
    default:
      return (pixel, rgb) => rgb.set(pixel.subarray(0, 3));
  }
}

/** ITU-R BT.601 at full range, which is the default (TIFF 6.0, section 21). */
function toRgb(y: number, cb: number, cr: number, rgb: Float64Array): void {
  rgb[0] = y + 1.402 * (cr - 128);
  rgb[1] = y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128);
  rgb[2] = y + 1.772 * (cb - 128);
}

/** Units of some columns and rows of luma, and one pair of chroma behind them. */
function subsampledWriter({ chunkWidth, subsampling: [horizontal, vertical] }: TiffHeader): WriteRgb {
  const unitBytes = horizontal * vertical + 2;
  const unitsPerRow = Math.ceil(chunkWidth / horizontal);
  const rgb = new Float64Array(3);
  return ([chunk], y, columns, target, to) => {
    for (let x = 0; x < columns; x++) {
      const unit = unitBytes * (Math.floor(y / vertical) * unitsPerRow + Math.floor(x / horizontal));
      const luma = chunk![unit + (y % vertical) * horizontal + (x % horizontal)]!;
      toRgb(luma, chunk![unit + unitBytes - 2]!, chunk![unit + unitBytes - 1]!, rgb);
      for (let colour = 0; colour < 3; colour++) {
        target[to + 3 * x + colour] = Math.max(0, Math.min(255, Math.round(rgb[colour]!)));
      }
    }
  };
}
