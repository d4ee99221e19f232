import { area, type Box, intersect, longerSide } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import type { Detection, Detector } from './detector.ts';
import { detectorFamilies } from './families.ts';
import { type DetectorNetwork, lookAt } from './look.ts';
import { suppress } from './nms.ts';
import { outlineOf } from './outline.ts';
import { type FaceSizes, type Level, type LookRules, planLevels, planOnePass } from './plan.ts';

export interface DetectorSettings {
  /** Least confidence of a face that is reported, 0 to 1; default: that of the family. */
  readonly minConfidence?: number;
  /** Sizes of faces in picture pixels for which detection is guaranteed. */
  readonly faces: FaceSizes;
}

/** A detector that finds every face of the interval of sizes. */
export function createDetector(model: DetectorNetwork, settings: DetectorSettings): Detector {
  return outlined(model, createScout(model, settings));
}

/** The same with the boxes as the family draws them. */
export function createScout(model: DetectorNetwork, { minConfidence, faces }: DetectorSettings): Detector {
  const rules = rulesOf(model);
  return planned(model, (region) => planLevels(region, faces, rules), minConfidence);
}

/** A fast detector: one pass, in which small faces of a large picture are lost. */
export function createLightDetector(model: DetectorNetwork, minConfidence?: number): Detector {
  const rules = rulesOf(model);
  return outlined(
    model,
    planned(model, (region) => planOnePass(region, rules), minConfidence),
  );
}

function outlined({ family }: DetectorNetwork, detector: Detector): Detector {
  return {
    plan: detector.plan,
    async detect(picture, region) {
      const found = await detector.detect(picture, region);
      return found.map((face) => ({ ...face, box: outlineOf(family, face.box) }));
    },
  };
}

export const rulesOf = ({ family, input }: DetectorNetwork): LookRules => ({
  reliable: detectorFamilies[family].reliable,
  size: input.size,
});

function planned(
  model: DetectorNetwork,
  plan: Detector['plan'],
  minConfidence = detectorFamilies[model.family].confidence,
): Detector {
  return {
    plan,
    async detect(picture, region) {
      return suppress(await findOn(model, plan(region), picture, region, minConfidence));
    },
  };
}

/** What a network finds on the levels of a plan: boxes as its family draws them, overlapping ones included. */
export async function findOn(
  model: DetectorNetwork,
  levels: readonly Level[],
  picture: Picture,
  region: Box,
  minConfidence: number,
): Promise<Detection[]> {
  const found: Detection[] = [];
  for (const level of levels) {
    for (const { source, core } of level.tiles) {
      const [seen] = await lookAt(model, picture, region, [{ ...level, source }], minConfidence);
      found.push(...seen!.filter(({ box }) => belongs(box, core, level.faces)));
    }
  }
  return found.filter(({ box }) => area(intersect(box, region)) > 0);
}

/** Whether a tile reports a box: its centre lies in the core, and it is not too large for the level. */
function belongs(box: Box, core: Box, { most }: FaceSizes): boolean {
  const { left, top, right, bottom } = box;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return x >= core.left && x < core.right && y >= core.top && y < core.bottom && longerSide(box) <= most;
}
