import { basename } from 'node:path';
import type { Face } from '../../src/face/face.ts';
import { type Box, iou, longerSide } from '../../src/image/geometry.ts';
import type { NegativeSample, PointsSample } from './datasets.ts';
import type { Bench } from './measure.ts';

/** Where five points lie on everyday photographs, and what is found where there is no face. */

/** Least longer side of a face that is looked at, in pixels: what the engine promises to find by default. */
const leastSide = 30;

/** Least IoU of a find with a face. */
const sameFace = 0.3;

/** Mean distance from the labelled points, as a share of the box's width, that is too far. */
const tooFar = 0.12;

/** Quality scores below which a face is doubtful, or of no use. */
const [doubtful, useless] = [-2, -5];

/** A face of the set and what was found there. */
export interface PointsResult {
  /** File and corner of the face: what finds it again. */
  readonly face: string;
  /** Mean distance of the five points from the labels, as a share of the box's width; NaN: not found. */
  readonly error: number;
  readonly quality: number;
}

export interface PointsFigures {
  readonly faces: number;
  readonly missed: readonly PointsResult[];
  /** Median of those found. */
  readonly error: number;
  /** Further than 0.12 of the box's width from the labels, the farthest first. */
  readonly far: readonly PointsResult[];
  /** Of a quality below -2 and of these below -5, the worst first. */
  readonly doubtful: readonly PointsResult[];
  readonly useless: number;
}

export async function measurePoints(
  { engine, detector, read, forEach }: Bench,
  samples: readonly PointsSample[],
): Promise<PointsFigures> {
  const perPicture = await forEach(samples, async ({ path, faces }) => {
    const { faces: found } = await engine.extract(await read(path), {
      detector,
      attributes: ['landmarks', 'quality'],
    });
    return faces
      .filter(({ box }) => longerSide(box) >= leastSide)
      .map((labelled) => resultOf(path, labelled, best(found, labelled.box)));
  });
  const results = perPicture.flat();
  const found = results.filter(({ error }) => !Number.isNaN(error)).sort((a, b) => b.error - a.error);
  const low = found.filter(({ quality }) => quality < doubtful).sort((a, b) => a.quality - b.quality);
  return {
    faces: results.length,
    missed: results.filter(({ error }) => Number.isNaN(error)),
    error: found[Math.floor(found.length / 2)]?.error ?? Number.NaN,
    far: found.filter(({ error }) => error > tooFar),
    doubtful: low,
    useless: low.filter(({ quality }) => quality < useless).length,
  };
}

function resultOf(
  path: string,
  { box, five }: PointsSample['faces'][number],
  found: Face | undefined,
): PointsResult {
  const face = `${basename(path)} (${Math.round(box.left)}, ${Math.round(box.top)})`;
  if (!found) return { face, error: Number.NaN, quality: Number.NaN };
  const distances = found.landmarks!.five.map(({ x, y }, index) =>
    Math.hypot(x - five[index]!.x, y - five[index]!.y),
  );
  const sum = distances.reduce((total, distance) => total + distance, 0);
  return { face, error: sum / distances.length / (box.right - box.left), quality: found.quality! };
}

/** The find that overlaps a box most, if enough. */
function best(found: readonly Face[], box: Box): Face | undefined {
  const overlap = (face: Face) => iou(face.box, box);
  const [first] = [...found].sort((a, b) => overlap(b) - overlap(a));
  return first && overlap(first) >= sameFace ? first : undefined;
}

/** Something that is called a face and is none. */
export interface FalseFind {
  readonly file: string;
  readonly confidence: number;
  readonly quality: number;
}

export interface NegativeFigures {
  readonly pictures: number;
  /** Pictures in which something is called a face. */
  readonly called: number;
  /** The surest first. */
  readonly finds: readonly FalseFind[];
}

export async function measureNegatives(
  { engine, detector, read, forEach }: Bench,
  samples: readonly NegativeSample[],
): Promise<NegativeFigures> {
  const perPicture = await forEach(samples, async ({ path }) => {
    const { faces } = await engine.extract(await read(path), { detector, attributes: ['quality'] });
    return faces.map(({ confidence, quality }) => ({ file: basename(path), confidence, quality: quality! }));
  });
  return {
    pictures: samples.length,
    called: perPicture.filter((finds) => finds.length > 0).length,
    finds: perPicture.flat().sort((first, second) => second.confidence - first.confidence),
  };
}
