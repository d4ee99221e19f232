import { type Box, longerSide } from '../image/geometry.ts';
import type { InputSize } from '../nn/image-input.ts';
import type { DetectorFamilyName } from './detector.ts';
import { detectorFamilies } from './families.ts';
import { type FaceSizes, type Level, type LookRules, planLevels, planOnePass } from './plan.ts';

/** The networks of a detector, as far as `Model` knows them: by their manifests, or at work. */
export interface Lineup<Model> {
  /** Finds faces, or what may be one where a judge follows. */
  readonly scout: Model;
  /** Scans for small faces in the scout's place, which then sees the whole region once. */
  readonly scan?: Model | undefined;
  /** Confirms what is found. */
  readonly judge?: Model | undefined;
  /** True: the scout looks once, whatever the sizes of faces: fast, and blind to small ones. */
  readonly once?: boolean;
}

/** The facts about a network that planning its looks needs. */
export interface DetectorModel {
  readonly family: DetectorFamilyName;
  readonly input: { readonly size: InputSize };
}

/** The plan of the looks at a region: the levels of each network that finds, the finest first. */
export interface LookPlan {
  /** None where no network scans. */
  readonly scan: readonly Level[];
  readonly scout: readonly Level[];
  /** True where another network confirms the detections. */
  readonly confirmed: boolean;
}

/** Side of the scout's one pass beside a scan in input pixels, borders included. */
const passSide = 160;

/** Sizes that both the scan and the scout's pass report, as a ratio of the largest to the smallest. */
const shared = 2;

/**
 * The plan of a detector's looks at a region of a picture (in its pixels). Every detector looks
 * as this says; prices, decoders and `phiz extract --explain` ask beforehand.
 *
 * @param faces sizes in picture pixels
 */
export function planLooks(lineup: Lineup<DetectorModel>, faces: FaceSizes, region: Box): LookPlan {
  const { scan, judge, once = false } = lineup;
  const scout = rulesOf(lineup.scout);
  const confirmed = judge !== undefined;
  if (once) return { scan: [], scout: planOnePass(region, scout), confirmed };
  if (!scan) return { scan: [], scout: planLevels(region, faces, scout), confirmed };
  const pass = planOnePass(region, scout, passSide);
  const most = Math.min(faces.most, longerSide(region), shared * pass[0]!.faces.least);
  const least = Math.min(faces.least, most);
  return { scan: planLevels(region, { least, most }, rulesOf(scan)), scout: pass, confirmed };
}

/** All levels of a plan: the scan's, or else the scout's, finest first. */
export const levelsOf = ({ scan, scout }: LookPlan): readonly Level[] => [...scan, ...scout];

const rulesOf = ({ family, input }: DetectorModel): LookRules => ({
  reliable: detectorFamilies[family].reliable,
  size: input.size,
});
