import { type Box, longerSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { type Closeness, lookClosely } from './close-look.ts';
import { findOn, rulesOf } from './create-detector.ts';
import type { Detection, Detector } from './detector.ts';
import type { DetectorNetwork } from './look.ts';
import { suppress } from './nms.ts';
import { redrawn } from './outline.ts';
import { type FaceSizes, type Level, type LookRules, pixelsOf, planLevels, planOnePass } from './plan.ts';

/** How closely the scanning network looks at each of its own finds: small, since there are many. */
export const scanLook: Closeness = { faceSize: 28, inputSide: 48 };

/**
 * Least confidence of a find of the scan, which is just above the floor of an Ultra-Light's probability: of
 * small ones, and of those above so many input pixels, of which most are surer.
 */
const leastAfar = 0.066;
const leastAfarLarge = 0.08;
const large = 30;

/** Least confidence of a find that was looked at again. */
const leastAgain = 0.12;

/** Side of the one pass over the whole region in input pixels, borders included. */
const passSide = 160;

/**
 * Finds of a scan that are looked at again, the surest first: in all and for each million of input
 * pixels. A photograph has 20 for a million; fur, leaves or gravel have many hundreds, none of them sure.
 */
const mostFinds = 96;
const mostFindsPerMillion = 96;

/** Sizes that both the scan and the pass report, as a ratio of the largest to the smallest. */
const shared = 2;

/** How a scan and a pass look at a region. */
export interface ScanPlan {
  /** Of the scanning network. */
  readonly levels: readonly Level[];
  /** Of the other one: the whole region, for faces that are too large for the scan, or that fill it. */
  readonly pass: Level;
}

export function planScan(region: Box, faces: FaceSizes, scan: LookRules, other: LookRules): ScanPlan {
  const [pass] = planOnePass(region, other, passSide) as [Level];
  const most = Math.min(faces.most, longerSide(region), shared * pass.faces.least);
  return { levels: planLevels(region, { least: Math.min(faces.least, most), most }, scan), pass };
}

/**
 * Candidates by two networks: one that needs little arithmetic scans for faces down to the smallest
 * and looks again at what it finds, and the other one sees the whole region once, in few pixels: it
 * knows faces without surroundings, which the first one does not. Boxes are as the other one draws them.
 *
 * @param leastPassed least confidence of the other network
 */
export function createScan(
  scan: DetectorNetwork,
  other: DetectorNetwork,
  faces: FaceSizes,
  leastPassed: number,
): Detector {
  const plan = (region: Box) => planScan(region, faces, rulesOf(scan), rulesOf(other));
  async function scanned(picture: Picture, region: Box, levels: readonly Level[]): Promise<Detection[]> {
    const [finest] = levels;
    const finds = await findOn(scan, levels, picture, region, leastAfar);
    const likely = finds.filter(
      ({ box, confidence }) => confidence >= leastAfarLarge || longerSide(box) * finest!.scale < large,
    );
    const most = mostFinds + (mostFindsPerMillion * pixelsOf(levels)) / 1e6;
    const boxes = suppress(likely, most).map(({ box }) => box);
    const again = await lookClosely(scan, scanLook, picture, region, boxes, leastAgain);
    return again
      .filter((find) => find !== undefined)
      .map(({ box, confidence }) => ({ box: redrawn(scan.family, other.family, box), confidence }));
  }
  return {
    plan(region) {
      const { levels, pass } = plan(region);
      return [...levels, pass];
    },
    async detect(picture, region) {
      const { levels, pass } = plan(region);
      const small = await scanned(picture, region, levels);
      const filling = await findOn(other, [pass], picture, region, leastPassed);
      return suppress([...small, ...filling]);
    },
  };
}
