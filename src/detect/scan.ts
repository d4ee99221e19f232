import { area, type Box, intersect, longerSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { type Closeness, lookClosely } from './close-look.ts';
import type { Detection, Detector, DetectorFamilyName } from './detector.ts';
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
 * What the scout detects in a picture, most confident first, overlaps removed; boxes as its family draws them. If a
 * network scans, that one, which needs little arithmetic, finds faces down to the smallest and looks again at
 * each, and the scout sees the whole region once, in few pixels: it knows faces without surroundings,
 * which the other one does not.
 *
 * @param faces sizes in picture pixels for which detection is guaranteed
 * @param minConfidence of the scout
 */
export function createScan(
  faces: FaceSizes,
  lineup: Lineup<DetectorNetwork>,
  minConfidence: number,
): Detector['detect'] {
  const { scan, scout } = lineup;
  const smallFaces = scan ? scanWith(scan, scout.family) : async () => [];
  return async (picture, region) => {
    const plan = planLooks(lineup, faces, region);
    let pass: Promise<Sightings> | undefined;
    const seenByScout = () => (pass ??= findOn(scout, plan.scout, picture, region, minConfidence));
    const small = await smallFaces(plan.scan, picture, region, async () => {
      await seenByScout();
      picture.ahead?.();
    });
    return suppress([...small, ...(await seenByScout()).all()]);
  };
}

/** What a network detects that scans. @param family whose boxes are drawn */
function scanWith(scan: DetectorNetwork, family: DetectorFamilyName) {
  const confident = forConfident(scan, leastAfar);
  return async (
    levels: readonly Level[],
    picture: Picture,
    region: Box,
    meanwhile: () => Promise<void>,
  ): Promise<Detection[]> => {
    const likely = await findOn(confident, levels, picture, region, leastAfar, meanwhile);
    const boxes = worthALook(likely, levels);
    const again = await lookClosely(scan, scanLook, picture, region, boxes, leastAgain);
    return again
      .filter((detection) => detection !== undefined)
      .map(({ box, confidence }) => ({ box: redrawn(scan.family, family, box), confidence }));
  };
}

/** The boxes of the scan's detections that get a close look, the surest first. */
function worthALook(likely: Sightings, levels: readonly Level[]): Box[] {
  const { scale } = levels[0]!;
  likely.keep(
    (index) =>
      likely.confidences[index]! >= leastAfarLarge || longerSide(likely.boxAt(index)) * scale < large,
  );
  const most = mostCloseLooks + (mostPerMillion * pixelsOf(levels)) / 1e6;
  const seen = seenOften(survivors(likely, most), likely, (index) =>
    leastAnchorsFor(longerSide(likely.boxAt(index)) * scale, likely.confidences[index]!),
  );
  return seen.map((index) => likely.boxAt(index));
}

/** The anchors that have to see a box of the scan. @param size its longer side in input pixels */
function leastAnchorsFor(size: number, confidence: number): number {
  if (size < tiniest && confidence >= leastAlone) return 1;
  return size < tiny ? leastAnchorsTiny : leastAnchors;
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
      seen.keep((index) => belongs(seen.boxAt(index), core, level.faces, region));
      if (found) found.addAll(seen);
      else found = seen;
    }
  }
  return found ?? new Sightings();
}

/**
 * True where a tile reports a box: its centre lies in the core, it is not too large for the level, and some of it is
 * inside the region.
 */
function belongs(box: Box, core: Box, { most }: FaceSizes, region: Box): boolean {
  const { left, top, right, bottom } = box;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  if (!(x >= core.left && x < core.right && y >= core.top && y < core.bottom)) return false;
  return longerSide(box) <= most && area(intersect(box, region)) > 0;
}
