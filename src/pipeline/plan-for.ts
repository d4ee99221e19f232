import { detectorFamilies } from '../detect/families.ts';
import { type Level, type LookRules, planLevels, planOnePass } from '../detect/plan.ts';
import { planScan } from '../detect/scan.ts';
import { type Box, longerSide } from '../image/geometry.ts';
import { chooseNetworks } from './choose-networks.ts';
import type { DetectorChoice, ExtractOptions } from './extraction.ts';
import type { DetectorManifest } from './manifest.ts';
import type { Pack } from './pack.ts';
import type { InstanceSettings } from './settings.ts';

/** How a region of a picture is looked at. */
export interface LookPlan {
  /** The finest comes first. */
  readonly levels: readonly Level[];
  /** Whether one network scans, on all levels but the last, and another one has the last: see `createScan`. */
  readonly scanned: boolean;
  /** Whether another network confirms what is found. */
  readonly confirmed: boolean;
}

/**
 * How an instance with these settings looks at a region of a picture.
 *
 * @throws PhizError `MODEL_UNAVAILABLE` where the detector is not known.
 */
export function planFor(
  settings: Pick<InstanceSettings, 'models' | 'manifests' | 'faces'>,
  choice: Exclude<DetectorChoice, 'none'>,
  region: Box,
): LookPlan {
  const networks = chooseNetworks(settings);
  const light = choice === 'light';
  const candidates = light ? undefined : networks.get('candidates');
  const [pack] = candidates ?? networks.get(light ? 'lightDetector' : 'detector') ?? [];
  if (!pack) return { levels: [], scanned: false, confirmed: false };
  const confirmed = candidates !== undefined;
  const rules = rulesOf(pack);
  if (light) return { levels: planOnePass(region, rules), scanned: false, confirmed };
  const [scan] = networks.get('scan') ?? [];
  if (!scan) return { levels: planLevels(region, settings.faces, rules), scanned: false, confirmed };
  const { levels, pass } = planScan(region, settings.faces, rulesOf(scan), rules);
  return { levels: [...levels, pass], scanned: true, confirmed };
}

function rulesOf({ manifest }: Pack): LookRules {
  const { decoder, input } = manifest as DetectorManifest;
  return { reliable: detectorFamilies[decoder].reliable, size: input.size };
}

/**
 * Pixels on the longer side of the finest look at a whole picture that requests take: those of the
 * default detector's scan, 0 where there is none.
 *
 * @param size of the picture in pixels
 */
export function overviewFor(
  settings: Parameters<typeof planFor>[0],
  requests: readonly ExtractOptions[],
  { width, height }: { readonly width: number; readonly height: number },
): number {
  const scans = requests.some(({ detector = 'primary', region }) => detector === 'primary' && !region);
  const whole = { left: 0, top: 0, right: width, bottom: height };
  const [finest] = scans ? planFor(settings, 'primary', whole).levels : [];
  return (finest?.scale ?? 0) * longerSide(whole);
}
