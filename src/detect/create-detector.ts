import { createConfirmedDetector } from './confirm.ts';
import type { Detector } from './detector.ts';
import { detectorFamilies } from './families.ts';
import type { DetectorNetwork } from './look.ts';
import { outlineOf } from './outline.ts';
import type { FaceSizes } from './plan.ts';
import type { Lineup } from './plan-looks.ts';
import { createScan } from './scan.ts';

export interface DetectorSettings {
  /** Least confidence of a face that is reported, 0 to 1; default: that of the family. */
  readonly minConfidence?: number;
  /**
   * Share of that least confidence from which on a confirming detector reports a detection to a judge
   * of its own; default: 1.
   */
  readonly leastShare?: number;
  /** Sizes of faces in picture pixels for which detection is guaranteed. */
  readonly faces: FaceSizes;
}

/** A detector of these networks. */
export function createDetector(lineup: Lineup<DetectorNetwork>, settings: DetectorSettings): Detector {
  const { scout, judge } = lineup;
  if (judge) return createConfirmedDetector({ ...lineup, judge }, settings);
  const { minConfidence = detectorFamilies[scout.family].confidence, faces } = settings;
  const seenIn = createScan(faces, lineup, minConfidence);
  return {
    async detect(picture, region) {
      const found = await seenIn(picture, region);
      return found.map((face) => ({ ...face, box: outlineOf(scout.family, face.box) }));
    },
  };
}
