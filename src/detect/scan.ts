import { area, type Box, intersect, longerSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { type Closeness, lookClosely } from './close-look.ts';
import type { Detection } from './detector.ts';
import { type DetectorNetwork, forConfident, lookAt } from './look.ts';
import { seenOften, suppress } from './nms.ts';
import { redrawn } from './outline.ts';
import { type FaceSizes, type Level, pixelsOf } from './plan.ts';
import { type Lineup, planLooks } from './plan-looks.ts';

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
  let pass: Promise<Detection[]> | undefined;
  const seenByScout = () => (pass ??= findOn(scout, plan.scout, picture, region, minConfidence));
  const meanwhile = async () => {
    await seenByScout();
    picture.ahead?.();
  };
  const small = scan ? await scanned(scan, scout, plan.scan, picture, region, meanwhile) : [];
  return suppress([...small, ...(await seenByScout())]);
}

async function scanned(
  scan: DetectorNetwork,
  scout: DetectorNetwork,
  levels: readonly Level[],
  picture: Picture,
  region: Box,
  meanwhile: () => Promise<void>,
): Promise<Detection[]> {
  const [finest] = levels;
  const sizeOf = (box: Box) => longerSide(box) * finest!.scale;
  const confident = forConfident(scan, leastAfar);
  const detections = await findOn(confident, levels, picture, region, leastAfar, meanwhile);
  const likely = detections.filter(
    ({ box, confidence }) => confidence >= leastAfarLarge || sizeOf(box) < large,
  );
  const most = mostCloseLooks + (mostPerMillion * pixelsOf(levels)) / 1e6;
  const anchorsOf = ({ box, confidence }: Detection) => {
    const size = sizeOf(box);
    if (size < tiniest && confidence >= leastAlone) return 1;
    return size < tiny ? leastAnchorsTiny : leastAnchors;
  };
  const seen = seenOften(suppress(likely, most), likely, anchorsOf).map(({ box }) => box);
  const again = await lookClosely(scan, scanLook, picture, region, seen, leastAgain);
  return again
    .filter((detection) => detection !== undefined)
    .map(({ box, confidence }) => ({ box: redrawn(scan.family, scout.family, box), confidence }));
}

/**
 * A network's detections on the levels of a plan: boxes as its family draws them, overlapping ones included.
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
): Promise<Detection[]> {
  const found: Detection[] = [];
  for (const level of levels) {
    const looks = level.tiles.map(({ source }) => ({ ...level, source }));
    const other = level === levels[0] ? meanwhile : undefined;
    const seen = await lookAt(model, picture, region, looks, minConfidence, other);
    for (const [index, { core }] of level.tiles.entries())
      found.push(...seen[index]!.filter(({ box }) => belongs(box, core, level.faces)));
  }
  return found.filter(({ box }) => area(intersect(box, region)) > 0);
}

/** True where a tile reports a box: its centre lies in the core, and it is not too large for the level. */
function belongs(box: Box, core: Box, { most }: FaceSizes): boolean {
  const { left, top, right, bottom } = box;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return x >= core.left && x < core.right && y >= core.top && y < core.bottom && longerSide(box) <= most;
}
