import type { DecodeContext, Decoded } from '../codec.ts';
import { area, type Box, intersect, wholeOf } from '../geometry.ts';
import { type Picture, type Reduction, reductionFor, type View } from '../picture.ts';
import type { Raster } from '../raster.ts';
import { rasterPicture } from '../raster-picture.ts';
import { clearBand } from './band.ts';
import { createKernels, type Kernels } from './kernels.ts';
import type { JpegFile } from './parse.ts';
import { pieces, takeRaster, wholePictures } from './pixel-memory.ts';
import { type ReadBand, reconstruct } from './reconstruct.ts';
import { ScanReader } from './scan-reader.ts';

/** Pixels of a view of the whole picture that is worth keeping: 12 MB. */
const keptPixels = 4_000_000;

/** Pixels of all parts that are kept: 3 MB. The oldest make room for others. */
const partPixels = 1_000_000;

/**
 * The cost of a part beside its own pixels, as pixels on both axes that are added to it: coded data from the
 * nearest place at which decoding can be taken up, and what is set up once. Measured: 48 pixels take 0.1 ms.
 */
const aroundPart = 100;

/** Share of the whole picture's cost from which on parts are not decoded alone, since more are likely to follow. */
const mostInParts = 1 / 3;

/** One for the thread, made for its first JPEG; its memory is what the largest picture's rows took. */
let sharedKernels: Kernels | undefined;

/**
 * Decodes the coded data once, for an overview of the picture from which coarser views are made;
 * finer views decode the part that they show again, unless it lies in one that was decoded just now: the
 * networks look at a face one after the other. When such parts have cost a third of the picture, as tiles and
 * many faces do, it is decoded whole and kept; or earlier, where there is time to.
 *
 * Memory while the picture lives: the file's bits, the overview's pixels (at most 3 bytes for each of
 * 4·`overview`² of them, or of the picture's if it is smaller), and 1.5 bytes for each MCU and scan; and what is kept,
 * at most 16 MB, and 3 MB of parts.
 *
 * @param overview the view of the whole picture that is made at once has at least this many pixels on its longer side
 * @throws whatever `checkpoint` throws, which is called for every row of MCUs, here and in views
 */
export function createJpegPicture(
  file: JpegFile,
  { overview: least, checkpoint }: Pick<DecodeContext, 'overview' | 'checkpoint'>,
): Decoded {
  sharedKernels ??= createKernels();
  const kernels = sharedKernels;
  const { frame } = file;
  const { width, height } = frame;
  const whole = wholeOf(frame);
  const coded = file.scans.map(({ data }) => data.bits);
  const readers = file.scans.map((scan) => new ScanReader(frame, scan));

  const readFirst: ReadBand = (number, _first, _end, band) => {
    checkpoint();
    clearBand(frame, band, 0, frame.mcuColumns);
    for (const reader of readers) reader.readBand(number, band);
  };
  const readAgain: ReadBand = (number, firstMcu, endMcu, band) => {
    checkpoint();
    clearBand(frame, band, ScanReader.startFor(firstMcu), endMcu);
    for (const reader of readers) reader.readAgain(number, firstMcu, endMcu, band);
  };

  /** Of views of the whole picture, which are given back when it is closed, as the coded data is. */
  const rasters: Raster[] = [];
  const takeWhole = (...size: [width: number, height: number]): Raster => {
    const raster = takeRaster(wholePictures, ...size);
    rasters.push(raster);
    return raster;
  };
  const reconstructWhole = (readBand: ReadBand, wanted: Reduction): View =>
    reconstruct(file, kernels, readBand, whole, wanted, takeWhole);
  const reduction = reductionFor(Math.max(width, height) / least);
  const overview = reconstructWhole(readFirst, reduction);
  const coarser = rasterPicture(overview.raster, takeWhole);

  /** By reduction: views of the whole picture, and what parts have cost so far, in pixels. */
  const kept = new Map<Reduction, View>();
  const spent = new Map<Reduction, number>();
  let parts: View[] = [];
  const isWorthKeeping = (part: Box, wanted: Reduction): boolean => {
    const pixels = area(whole) / wanted ** 2;
    const columns = Math.min((part.right - part.left) / wanted + aroundPart, width / wanted);
    const rows = Math.min((part.bottom - part.top) / wanted + aroundPart, height / wanted);
    const soFar = (spent.get(wanted) ?? 0) + columns * rows;
    spent.set(wanted, soFar);
    return pixels <= keptPixels && soFar > mostInParts * pixels;
  };

  /** All of the picture at its own size, where there was time to decode it beforehand. */
  let finest: View | undefined;
  const reconstructed = (part: Box, wanted: Reduction): View => {
    if (finest?.reduction === wanted) return partOf(finest, part);
    return part === whole
      ? reconstructWhole(readAgain, wanted)
      : reconstruct(file, kernels, readAgain, part, wanted, (...size) => takeRaster(pieces, ...size));
  };

  const picture: Picture = {
    width,
    height,
    view(region: Box, wanted: Reduction): View {
      if (wanted >= reduction) {
        const view = coarser.view(region, (wanted / reduction) as Reduction);
        return { ...view, reduction: wanted };
      }
      const part = clip(region, whole);
      const known = kept.get(wanted) ?? parts.find((view) => view.reduction === wanted && shows(view, part));
      if (known) return known;
      const worthKeeping = isWorthKeeping(part, wanted);
      const view = reconstructed(worthKeeping ? whole : part, wanted);
      if (worthKeeping) kept.set(wanted, view);
      else parts = newest([view, ...parts], partPixels);
      return view;
    },
    ahead() {
      const isWanted = reduction > 1 && area(whole) <= keptPixels;
      if (isWanted) finest ??= reconstructWhole(readAgain, 1);
    },
    close() {
      wholePictures.giveBack(rasters.splice(0).map(({ data }) => data));
      // Those of a view of the whole picture have its memory.
      const own = parts.splice(0).filter(({ raster }) => !raster.held);
      pieces.giveBack([...own.map(({ raster }) => raster.data), ...coded.splice(0)]);
    },
  };
  return { picture, ...lackOf(file, readers) };
}

/**
 * The missing shares of a file: of its pixels those that the first scan of their component did not bring, of its
 * detail the coefficients that later scans did not, each counted alike. A scan that leaves out low bits brings
 * half of a coefficient for the first, a quarter for two: each refinement doubles what is known of it.
 */
function lackOf({ frame, scans, finished }: JpegFile, readers: readonly ScanReader[]) {
  // By component and coefficient. A file that ends as it means to lacks no scan.
  const lacking = frame.components.map(() => new Float64Array(64).fill(finished ? 0 : 1));
  let missing = 0;
  for (const [place, { components, from, to, refines, low }] of scans.entries()) {
    const share = readers[place]!.missing;
    if (from === 0 && !refines) missing = Math.max(missing, share);
    const brings = 2 ** -low - (refines ? 2 ** -(low + 1) : 0);
    for (const { index } of components) {
      for (let at = from; at <= to; at++)
        lacking[index]![at]! += finished ? share * brings : (share - 1) * brings;
    }
  }
  const sum = lacking.reduce((all, each) => each.reduce((some, share) => some + Math.max(0, share), all), 0);
  return { missing, coarse: sum / (64 * lacking.length) };
}

/** A part of a view of a whole picture at its own size: it ends where the part does, as if that had been decoded alone. */
function partOf({ raster, reduction }: View, part: Box): View {
  const { left, top, right, bottom } = part;
  const held = { left: -left, top: -top, right: raster.width - left, bottom: raster.height - top };
  const { data } = raster;
  return { raster: { width: right - left, height: bottom - top, data, held }, left, top, reduction };
}

/** True where a view has all pixels of a part of its picture. */
function shows({ raster, left, top, reduction }: View, part: Box): boolean {
  const right = left + raster.width * reduction;
  const bottom = top + raster.height * reduction;
  return part.left >= left && part.top >= top && part.right <= right && part.bottom <= bottom;
}

/** The first views, as far as they have no more than so many pixels in all. */
function newest(views: readonly View[], most: number): View[] {
  let pixels = 0;
  return views.filter(({ raster }) => {
    pixels += raster.width * raster.height;
    return pixels <= most;
  });
}

/** The part of a region that lies in the picture, in whole pixels; at least one of them, if need be the nearest. */
function clip(region: Box, whole: Box): Box {
  const { left, top, right, bottom } = intersect(region, whole);
  const x = Math.min(Math.max(0, Math.floor(left)), whole.right - 1);
  const y = Math.min(Math.max(0, Math.floor(top)), whole.bottom - 1);
  return {
    left: x,
    top: y,
    right: Math.min(Math.max(x + 1, Math.ceil(right)), whole.right),
    bottom: Math.min(Math.max(y + 1, Math.ceil(bottom)), whole.bottom),
  };
}
