import type { DecodeContext, Decoded } from '../codec.ts';
import { area, type Box, intersect, longerSide, wholeOf } from '../geometry.ts';
import { type Picture, type Reduction, reductionFor, type View } from '../picture.ts';
import type { Raster } from '../raster.ts';
import { rasterPicture } from '../raster-picture.ts';
import { BandReader } from './band-reader.ts';
import { createKernels, type Kernels } from './kernels.ts';
import type { JpegFile } from './parse.ts';
import { pieces, takeRaster, wholePictures } from './pixel-memory.ts';
import { reconstruct } from './reconstruct.ts';

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

function kernels(): Kernels {
  sharedKernels ??= createKernels();
  return sharedKernels;
}

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
  { overview, checkpoint }: Pick<DecodeContext, 'overview' | 'checkpoint'>,
): Decoded {
  const bands = new BandReader(file, checkpoint);
  const picture = new JpegPicture(file, bands, overview);
  return { picture, ...bands.lack };
}

class JpegPicture implements Picture {
  readonly width: number;
  readonly height: number;
  readonly #file: JpegFile;
  readonly #bands: BandReader;
  readonly #whole: Box;
  /** Of the overview. */
  readonly #reduction: Reduction;
  /** Makes the overview's own views, the coarser ones. */
  readonly #coarser: Picture;
  /** Of views of the whole picture, which are given back when it is closed, as parts and the coded data are. */
  readonly #rasters: Raster[] = [];
  readonly #takeWhole = (width: number, height: number): Raster => {
    const raster = takeRaster(wholePictures, width, height);
    this.#rasters.push(raster);
    return raster;
  };
  /** By reduction: views of the whole picture, and what parts have cost so far, in pixels. */
  readonly #kept = new Map<Reduction, View>();
  readonly #spent = new Map<Reduction, number>();
  #parts: readonly View[] = [];
  /** All of the picture at its own size, where there was time to decode it beforehand. */
  #finest: View | undefined;

  constructor(file: JpegFile, bands: BandReader, overview: number) {
    const { frame } = file;
    this.width = frame.width;
    this.height = frame.height;
    this.#file = file;
    this.#bands = bands;
    this.#whole = wholeOf(frame);
    this.#reduction = reductionFor(longerSide(this.#whole) / overview);
    this.#coarser = rasterPicture(this.#reconstructWhole(this.#reduction).raster, this.#takeWhole);
  }

  view(region: Box, wanted: Reduction): View {
    if (wanted >= this.#reduction) {
      const view = this.#coarser.view(region, (wanted / this.#reduction) as Reduction);
      return { ...view, reduction: wanted };
    }
    const part = clip(region, this.#whole);
    const known = this.#kept.get(wanted) ?? viewOf(this.#parts, part, wanted);
    if (known) return known;
    const worthKeeping = this.#isWorthKeeping(part, wanted);
    const view = this.#reconstructed(worthKeeping ? this.#whole : part, wanted);
    if (worthKeeping) this.#kept.set(wanted, view);
    else this.#parts = newest([view, ...this.#parts], partPixels);
    return view;
  }

  ahead(): void {
    const isWanted = this.#reduction > 1 && area(this.#whole) <= keptPixels;
    if (isWanted) this.#finest ??= this.#reconstructWhole(1);
  }

  close(): void {
    wholePictures.giveBack(this.#rasters.splice(0).map(({ data }) => data));
    // Those of a view of the whole picture have its memory.
    const own = this.#parts.filter(({ raster }) => !raster.held);
    this.#parts = [];
    pieces.giveBack([...own.map(({ raster }) => raster.data), ...this.#bands.close()]);
  }

  #isWorthKeeping(part: Box, wanted: Reduction): boolean {
    const pixels = area(this.#whole) / wanted ** 2;
    const columns = Math.min((part.right - part.left) / wanted + aroundPart, this.width / wanted);
    const rows = Math.min((part.bottom - part.top) / wanted + aroundPart, this.height / wanted);
    const soFar = (this.#spent.get(wanted) ?? 0) + columns * rows;
    this.#spent.set(wanted, soFar);
    return pixels <= keptPixels && soFar > mostInParts * pixels;
  }

  #reconstructed(part: Box, wanted: Reduction): View {
    if (this.#finest?.reduction === wanted) return partOf(this.#finest, part);
    return part === this.#whole
      ? this.#reconstructWhole(wanted)
      : reconstruct(this.#file, kernels(), this.#bands, part, wanted, takePart);
  }

  #reconstructWhole(wanted: Reduction): View {
    return reconstruct(this.#file, kernels(), this.#bands, this.#whole, wanted, this.#takeWhole);
  }
}

const takePart = (width: number, height: number): Raster => takeRaster(pieces, width, height);

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

/** The first view at a reduction that has all pixels of a part, if any. */
function viewOf(views: readonly View[], part: Box, reduction: Reduction): View | undefined {
  for (const view of views) if (view.reduction === reduction && shows(view, part)) return view;
  return undefined;
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
