import { area, type Box, intersect, longerSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { type Closeness, lookClosely } from './close-look.ts';
import type { Detection } from './detector.ts';
import { type DetectorNetwork, forConfident, lookAt } from './look.ts';
import { seenOften, suppress, survivors } from './nms.ts';
import { redrawn } from './outline.ts';
import { type FaceSizes, type Level, pixelsOf } from './plan.ts';
import { type Lineup, planLooks } from './plan-looks.ts';
import { Sightings } from './sightings.ts';

/** The scan's close look at each of its own detections: in few pixels, since there are many. */
export const scanLook: Closeness = { faceSize: 28, inputSide: 48 };

/**
 * Least confidence of a detection of the scan, just above the floor of an Ultra-Light's probability: of small
 * ones, and of those larger than so many input pixels, most of which are surer.
 */
const leastAfar = 0.066;
const leastAfarLarge = 0.08;
const large = 30;

/**
 * Anchors that have to see a box: one smaller than so many input pixels, and any other one. Of 426 faces
 * that were found in the end two tiny ones had 4, all others from 8 on; of what is none, at the network's floor,
 * three quarters have one or two.
 */
const leastAnchorsTiny = 3;
const leastAnchors = 6;
const tiny = 18;

/**
 * A box smaller than so many input pixels, where priors are too far apart for three of them to see one face, may be
 * seen by one that is so sure. Only where a picture is looked at in few pixels do faces become so small.
 */
const leastAlone = 0.1;
const tiniest = 9;

/** Least confidence of a detection in its close look. */
const leastAgain = 0.12;

/**
 * Detections of a scan that get a close look, the surest first: in all and for each million of input
 * pixels. A photograph has 20 for a million; fur, leaves or gravel have many hundreds, none of them sure.
 */
const mostCloseLooks = 96;
const mostPerMillion = 96;

/**
 * The scout's detections, most confident first, overlaps removed; boxes as its family draws them. If a network
 * scans, that one, which needs little arithmetic, finds faces down to the smallest and looks again at
 * each, and the scout sees the whole region once, in few pixels: it knows faces without surroundings,
 * which the other one does not.
 *
 * @param faces sizes in picture pixels for which detection is guaranteed
 * @param minConfidence of the scout
 */
export async function scanFor(
  faces: FaceSizes,
  lineup: Lineup<DetectorNetwork>,
  picture: Picture,
  region: Box,
  minConfidence: number,
): Promise<Detection[]> {
  const { scan, scout } = lineup;
  const plan = planLooks(lineup, faces, region);
  let pass: Promise<Sightings> | undefined;
  const seenByScout = () => (pass ??= findOn(scout, plan.scout, picture, region, minConfidence));
  const meanwhile = async () => {
    await seenByScout();
    picture.ahead?.();
  };
  const small = scan ? await scanned(scan, scout, plan.scan, picture, region, meanwhile) : [];
  return suppress([...small, ...(await seenByScout()).all()]);
}

async function scanned(
  scan: DetectorNetwork,
  scout: DetectorNetwork,
  levels: readonly Level[],
  picture: Picture,
  region: Box,
  meanwhile: () => Promise<void>,
): Promise<Detection[]> {
  const { scale } = levels[0]!;
  const confident = forConfident(scan, leastAfar);
  const likely = await findOn(confident, levels, picture, region, leastAfar, meanwhile);
  likely.keep(sureOrSmall(likely, scale));
  const most = mostCloseLooks + (mostPerMillion * pixelsOf(levels)) / 1e6;
  const boxes = seenOften(survivors(likely, most), likely, leastAnchorsOf(likely, scale)).map((index) =>
    likely.boxAt(index),
  );
  const again = await lookClosely(scan, scanLook, picture, region, boxes, leastAgain);
  return again
    .filter((detection) => detection !== undefined)
    .map(({ box, confidence }) => ({ box: redrawn(scan.family, scout.family, box), confidence }));
}

/** Those of the scan's detections that are as sure as their size wants. @param scale input pixels for one of the picture */
function sureOrSmall(likely: Sightings, scale: number): number[] {
  const wanted: number[] = [];
  for (let index = 0; index < likely.count; index++) {
    const isSure = likely.confidences[index]! >= leastAfarLarge;
    if (isSure || longerSide(likely.boxAt(index)) * scale < large) wanted.push(index);
  }
  return wanted;
}

/** The anchors that have to see each of the scan's detections. */
function leastAnchorsOf(likely: Sightings, scale: number): number[] {
  const least: number[] = [];
  for (let index = 0; index < likely.count; index++) {
    const size = longerSide(likely.boxAt(index)) * scale;
    if (size < tiniest && likely.confidences[index]! >= leastAlone) least.push(1);
    else least.push(size < tiny ? leastAnchorsTiny : leastAnchors);
  }
  return least;
}

/**
 * What a network sees on the levels of a plan: boxes as its family draws them.
 *
 * @param meanwhile something else to do while helpers begin with the finest level, maybe more than once
 */
async function findOn(
  model: DetectorNetwork,
  levels: readonly Level[],
  picture: Picture,
  region: Box,
  minConfidence: number,
  meanwhile?: () => Promise<void>,
): Promise<Sightings> {
  let found: Sightings | undefined;
  for (const level of levels) {
    const looks = level.tiles.map(({ source }) => ({ ...level, source }));
    const other = level === levels[0] ? meanwhile : undefined;
    const seenOf = await lookAt(model, picture, region, looks, minConfidence, other);
    for (const [tile, { core }] of level.tiles.entries()) {
      const seen = seenOf[tile]!;
      seen.keep(ownOf(seen, core, level.faces, region));
      if (found) found.addAll(seen);
      else found = seen;
    }
  }
  return found ?? new Sightings();
}

/** Those of a tile's detections that it reports: in its core, and inside the region. */
function ownOf(seen: Sightings, core: Box, faces: FaceSizes, region: Box): number[] {
  const own: number[] = [];
  for (let index = 0; index < seen.count; index++) {
    const box = seen.boxAt(index);
    if (belongs(box, core, faces) && area(intersect(box, region)) > 0) own.push(index);
  }
  return own;
}

/** True where a tile reports a box: its centre lies in the core, and it is not too large for the level. */
function belongs(box: Box, core: Box, { most }: FaceSizes): boolean {
  const { left, top, right, bottom } = box;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return x >= core.left && x < core.right && y >= core.top && y < core.bottom && longerSide(box) <= most;
}
