import type { Box } from '../geometry.ts';
import type { Reduction, View } from '../picture.ts';
import { createRaster, freeBytes, likewise, type Raster } from '../raster.ts';
import { type Band, firstBlocks } from './band.ts';
import type { BandReader } from './band-reader.ts';
import { rgbWriter } from './colour.ts';
import type { InverseDct, Kernels } from './kernels.ts';
import type { JpegFile } from './parse.ts';
import { type ComponentScale, scaleOf } from './scale.ts';

/** Bytes beyond the end of a row that the kernels may read or write. */
const overrun = 64;
/** Bytes before a row: room for a neighbour of its first sample. */
const margin = 16;

/** A component's samples: the last two bands of them, as a ring of rows. */
interface Plane {
  readonly scale: ComponentScale;
  readonly transform: InverseDct;
  readonly address: number;
  readonly stride: number;
  readonly rows: number;
  /** Address of a row of the view's width, where samples have to be stretched. */
  readonly stretched: number;
  /** Number of the first block in the band, of blocks in a row and of rows. */
  readonly firstBlock: number;
  readonly blocksPerLine: number;
  readonly blockRows: number;
  readonly blocksPerMcu: number;
  /** Address of the quantisation steps. */
  readonly steps: number;
}

/**
 * Reconstructs a part of a picture, a row of MCUs at a time. Besides the view's raster this takes
 * memory for one row of MCUs: its coefficients, twice its samples and its pixels, together some
 * 120 bytes for each pixel of the picture's width (0.7 MB at 6000 pixels and 4:2:0).
 *
 * @param region in pixels, inside the picture and not empty
 * @param rasterOf makes the view's raster, of which every pixel is written
 */
export function reconstruct(
  file: JpegFile,
  kernels: Kernels,
  bands: BandReader,
  region: Box,
  reduction: Reduction,
  rasterOf: (width: number, height: number) => Raster = createRaster,
): View {
  const { frame } = file;
  const outWidth = Math.ceil(frame.width / reduction);
  const outHeight = Math.ceil(frame.height / reduction);
  // In the view's pixels, if it were of the whole picture.
  const left = Math.floor(region.left / reduction);
  const top = Math.floor(region.top / reduction);
  const right = Math.min(Math.ceil(region.right / reduction), outWidth);
  const bottom = Math.min(Math.ceil(region.bottom / reduction), outHeight);

  const scales = frame.components.map((component) => scaleOf(frame, component, reduction));
  const mcuWidth = (8 * frame.maxHorizontal) / reduction;
  const mcuHeight = (8 * frame.maxVertical) / reduction;
  // Smoothing reads one sample more on each side.
  const around = Math.ceil(Math.max(...scales.map(({ stretchX, stretchY }) => Math.max(stretchX, stretchY))));
  const firstMcu = Math.floor(Math.max(0, left - around) / mcuWidth);
  const endMcu = Math.min(Math.ceil((right + around) / mcuWidth), frame.mcuColumns);
  const firstBand = Math.floor(Math.max(0, top - around) / mcuHeight);
  const endBand = Math.min(Math.ceil((bottom + around) / mcuHeight), frame.mcuRows);

  const raster = rasterOf(right - left, bottom - top);
  const layout = layOut(file, kernels, scales, endMcu - firstMcu, mcuWidth, mcuHeight, raster.width);
  const { bytes, band, planes } = layout;
  const toRgb = rgbWriter(file, kernels, bytes);
  const shift = left - firstMcu * mcuWidth;
  /** Addresses of each component's samples for a row; one list for all of them, which are many. */
  const rows = planes.map(() => 0);

  let done = top;
  for (let number = firstBand; number < endBand; number++) {
    bands.read(number, firstMcu, endMcu, band);
    for (const plane of planes) transformBand(plane, layout, number, firstMcu, endMcu, bytes);
    // The last row of a band wants to be smoothed with the first one of the next.
    const ready = number + 1 === endBand ? bottom : Math.min((number + 1) * mcuHeight - 1, bottom);
    if (ready <= done) continue;
    const to = (done - top) * 3 * raster.width;
    const pixels = likewise(layout.pixels, raster.data.byteOffset + to);
    let target = pixels;
    for (let y = done; y < ready; y++, target += 3 * raster.width) {
      for (let index = 0; index < rows.length; index++)
        rows[index] = rowOf(planes[index]!, y, kernels, bytes, endMcu - firstMcu) + shift;
      toRgb(rows, target, raster.width);
    }
    raster.data.set(bytes.subarray(pixels, target), to);
    done = ready;
  }
  return { raster, left: left * reduction, top: top * reduction, reduction };
}

/** Where everything lies in the kernels' memory. */
interface Layout {
  readonly bytes: Uint8Array;
  readonly band: Band;
  readonly lasts: number;
  readonly planes: readonly Plane[];
  readonly pixels: number;
}

function layOut(
  { frame, quantization }: JpegFile,
  kernels: Kernels,
  scales: readonly ComponentScale[],
  mcus: number,
  mcuWidth: number,
  mcuHeight: number,
  width: number,
): Layout {
  let size = 0;
  const place = (bytes: number): number => {
    const address = size;
    size = Math.ceil((size + bytes) / 16) * 16;
    return address;
  };
  const firsts = firstBlocks(frame);
  const blocks = firsts.at(-1)!;
  place(128 * blocks);
  const lasts = place(blocks);
  const planes = frame.components.map(({ horizontal, vertical, blocksPerLine }, index): Plane => {
    const scale = scales[index]!;
    const stride = margin + mcus * scale.mcuWidth + overrun;
    const rows = 2 * scale.mcuHeight;
    return {
      scale,
      transform: kernels.inverseDct(scale.blockWidth, scale.blockHeight),
      address: place(rows * stride) + margin,
      stride,
      rows,
      stretched: place(mcus * mcuWidth + overrun),
      firstBlock: firsts[index]!,
      blocksPerLine,
      blockRows: vertical,
      blocksPerMcu: horizontal,
      steps: place(128),
    };
  });
  const pixels = place((mcuHeight + 1) * 3 * width + freeBytes + overrun);
  const buffer = kernels.reserve(size);
  planes.forEach(({ steps }, index) => {
    new Int16Array(buffer, steps, 64).set(quantization[index]!);
  });
  return {
    bytes: new Uint8Array(buffer),
    band: {
      coefficients: new Int16Array(buffer, 0, 64 * blocks),
      last: new Uint8Array(buffer, lasts, blocks),
      known: new Int32Array(frame.progressive ? 2 * blocks : 0),
    },
    lasts,
    planes,
    pixels,
  };
}

/** A band's coefficients become samples, with a neighbour at both ends of each row. */
function transformBand(
  plane: Plane,
  { lasts }: Layout,
  number: number,
  firstMcu: number,
  endMcu: number,
  bytes: Uint8Array,
): void {
  const { scale, blocksPerMcu, stride } = plane;
  const firstRow = number * scale.mcuHeight;
  for (let row = 0; row < plane.blockRows; row++) {
    const block = plane.firstBlock + row * plane.blocksPerLine + firstMcu * blocksPerMcu;
    const samples = rowAddress(plane, firstRow + row * scale.blockHeight);
    plane.transform(
      128 * block,
      lasts + block,
      plane.steps,
      samples,
      stride,
      (endMcu - firstMcu) * blocksPerMcu,
    );
  }
  if (!scale.smoothX) return;
  const end = Math.min(endMcu * scale.mcuWidth, scale.width) - firstMcu * scale.mcuWidth;
  for (let y = firstRow; y < firstRow + scale.mcuHeight; y++) {
    const row = rowAddress(plane, y);
    bytes[row - 1] = bytes[row]!;
    bytes[row + end] = bytes[row + end - 1]!;
  }
}

const rowAddress = ({ address, stride, rows }: Plane, y: number): number => address + (y % rows) * stride;

/** The same for the row of the picture that is nearest to one. */
const nearestAddress = (plane: Plane, y: number): number =>
  rowAddress(plane, Math.min(Math.max(y, 0), plane.scale.height - 1));

/** Address of a component's samples for row `y` of the view, stretched where they have to be. */
function rowOf(plane: Plane, y: number, kernels: Kernels, bytes: Uint8Array, mcus: number): number {
  const { scale, stretched } = plane;
  const { stretchX, stretchY } = scale;
  const count = mcus * scale.mcuWidth;
  const nearest = Math.floor((y + 0.5) / stretchY);
  const near = nearestAddress(plane, nearest);
  if (scale.smoothY) {
    const far = nearestAddress(plane, y % 2 === 0 ? nearest - 1 : nearest + 1);
    if (scale.smoothX) kernels.doubleBoth(near, far, stretched, count);
    else kernels.doubleHeight(near, far, stretched, count, y % 2 === 0 ? 1 : 2);
    return stretched;
  }
  if (scale.smoothX) {
    kernels.doubleWidth(near, stretched, count);
    return stretched;
  }
  if (stretchX === 1) return near;
  for (let x = 0; x < count * stretchX; x++) {
    bytes[stretched + x] = bytes[near + Math.floor((x + 0.5) / stretchX)]!;
  }
  return stretched;
}
