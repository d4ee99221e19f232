import { type DetectorModel, type LookPlan, levelsOf, planLooks } from '../detect/plan-looks.ts';
import { type Box, longerSide, type Size, wholeOf } from '../image/geometry.ts';
import type { Catalogue } from './catalogue.ts';
import { chooseNetworks, lineupOf } from './choose-networks.ts';
import type { DetectorChoice, ExtractOptions } from './extraction.ts';
import type { DetectorManifest } from './manifest.ts';
import type { Pack } from './pack.ts';
import type { InstanceSettings } from './settings.ts';

/**
 * The plan of the looks at a region of a picture.
 *
 * @throws PhizError `MODEL_UNAVAILABLE` where the detector is not known.
 */
export type Planner = (choice: Exclude<DetectorChoice, 'none'>, region: Box) => LookPlan;

/** Plans as instances with these settings look. */
export function createPlanner(
  catalogue: Catalogue,
  settings: Pick<InstanceSettings, 'models' | 'manifests' | 'faces'>,
): Planner {
  let networks: ReturnType<typeof chooseNetworks> | undefined;
  return (choice, region) => {
    networks ??= chooseNetworks(catalogue, settings);
    const lineup = lineupOf(networks, choice);
    if (!lineup) return { scan: [], scout: [], confirmed: false };
    const { scout, scan, judge, once = false } = lineup;
    const known = {
      scout: modelOf(scout),
      scan: scan && modelOf(scan),
      judge: judge && modelOf(judge),
      once,
    };
    return planLooks(known, settings.faces, region);
  };
}

function modelOf({ manifest }: Pack): DetectorModel {
  const { decoder, input } = manifest as DetectorManifest;
  return { family: decoder, input };
}

/**
 * Pixels on the longer side of the finest look at a whole picture that requests take: those of the
 * default detector's scan, 0 where there is none.
 *
 * @param size of the picture in pixels
 */
export function overviewFor(plan: Planner, requests: readonly ExtractOptions[], size: Size): number {
  const scans = requests.some(({ detector = 'primary', region }) => detector === 'primary' && !region);
  const whole = wholeOf(size);
  const [finest] = scans ? levelsOf(plan('primary', whole)) : [];
  return (finest?.scale ?? 0) * longerSide(whole);
}
