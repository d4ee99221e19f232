import { type Drawing, nothingToSee } from '../image/drawing.ts';
import { type Box, intersect, type Size } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { sourceOfResize } from '../image/resize.ts';
import { type Passes, passOver } from '../nn/batch.ts';
import type { ImageInput } from '../nn/image-input.ts';
import type { Tensors } from '../nn/items.ts';
import type { Network } from '../nn/network.ts';
import type { DetectorFamily, DetectorFamilyName } from './detector.ts';
import { detectorFamilies } from './families.ts';
import type { Sightings } from './sightings.ts';

/** A detector's network, and what has to be known to run it and to read its answers. */
export interface DetectorNetwork {
  readonly family: DetectorFamilyName;
  readonly network: Network;
  readonly input: ImageInput;
  /** True: its outputs are read as those that tell of the smallest faces alone: see {@link DetectorFamily.smallest}. */
  readonly smallest?: boolean;
  /** True: it tells of confident detections alone, of one look at a time. */
  readonly confident?: boolean;
}

/** The same network for faces of the smallest reliable sizes, without the layers for larger ones if it can do so. */
export function forSmallest(model: DetectorNetwork): DetectorNetwork {
  const { network, family } = model;
  const { smallest } = detectorFamilies[family];
  if (!smallest?.outputs.every((name) => network.outputNames.includes(name))) return model;
  return { ...model, network: network.only?.({ outputs: smallest.outputs }) ?? network, smallest: true };
}

/**
 * The same network for detections of at least this confidence, without the boxes of others if it can do so. That
 * pays where most of what is seen is no face.
 */
export function forConfident(model: DetectorNetwork, confidence: number): DetectorNetwork {
  const { network, family } = model;
  const gates = detectorFamilies[family].gates?.(confidence);
  const confident = gates && network.only?.({ outputs: network.outputNames, gates });
  return confident ? { ...model, network: confident, confident: true } : model;
}

/** A part of the picture at a scale: one item of a forward pass. */
export interface Look {
  /** In pixels of the picture; what lies outside `region` is grey. */
  readonly source: Box;
  /** Input pixels for a pixel of the picture. */
  readonly scale: number;
  /** Size of the input in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Most looks in one forward pass, and input pixels of several: more of them cost memory and gain no speed. */
const mostLooks = 32;
const mostPixels = 1280 ** 2;

/**
 * Takes looks of one size, several in a forward pass.
 *
 * @param region the part of the picture that may be seen
 * @param meanwhile something else to do while helpers begin, maybe more than once
 * @returns for each look what is seen, in pixels of the picture
 */
export function lookAt(
  model: DetectorNetwork,
  picture: Picture,
  region: Box,
  looks: readonly Look[],
  minConfidence: number,
  meanwhile?: () => Promise<void>,
): Promise<Sightings[]> {
  const { network, input } = model;
  const { width, height } = looks[0] ?? { width: 0, height: 0 };
  const passes = new LookPasses(model, picture, region, { width, height }, minConfidence, meanwhile);
  return passOver(network, input, { width, height }, looks, passes);
}

class LookPasses implements Passes<Look, Sightings> {
  readonly most: number;
  readonly meanwhile: (() => Promise<void>) | undefined;
  readonly #decode: DetectorFamily['decode'];
  readonly #picture: Picture;
  readonly #region: Box;
  readonly #minConfidence: number;

  constructor(
    { family, smallest = false, confident = false }: DetectorNetwork,
    picture: Picture,
    region: Box,
    { width, height }: Size,
    minConfidence: number,
    meanwhile: (() => Promise<void>) | undefined,
  ) {
    this.most = confident ? 1 : Math.max(1, Math.min(mostLooks, Math.floor(mostPixels / (width * height))));
    this.meanwhile = meanwhile;
    this.#decode = (smallest ? detectorFamilies[family].smallest! : detectorFamilies[family]).decode;
    this.#picture = picture;
    this.#region = region;
    this.#minConfidence = minConfidence;
  }

  drawingOf(look: Look): Drawing {
    return drawingOf(this.#picture, intersect(this.#region, look.source), look);
  }

  read(outputs: Tensors, look: Look): Sightings {
    const seen = this.#decode(outputs, look, this.#minConfidence);
    seen.move(look.source.left, look.source.top, 1 / look.scale);
    return seen;
  }
}

/** A look as it is drawn; the visible part is rounded to whole input pixels, so that it keeps its scale. */
function drawingOf(picture: Picture, seen: Box, { width, height, source, scale }: Look): Drawing {
  const left = Math.round((seen.left - source.left) * scale);
  const top = Math.round((seen.top - source.top) * scale);
  const right = Math.min(width, Math.round((seen.right - source.left) * scale));
  const bottom = Math.min(height, Math.round((seen.bottom - source.top) * scale));
  if (right <= left || bottom <= top) return nothingToSee;
  const shown = {
    left: source.left + left / scale,
    top: source.top + top / scale,
    right: source.left + right / scale,
    bottom: source.top + bottom / scale,
  };
  const window = { left, top, right, bottom };
  const { raster, source: from } = sourceOfResize(picture, shown, {
    width: right - left,
    height: bottom - top,
  });
  return { raster, source: from, window };
}
