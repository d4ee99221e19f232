import { detectorFamilies } from '../detect/families.ts';
import { type Level, planLevels, planOnePass } from '../detect/plan.ts';
import type { Box } from '../image/geometry.ts';
import { chooseNetworks } from './choose-networks.ts';
import type { DetectorChoice } from './extraction.ts';
import type { DetectorManifest } from './manifest.ts';
import type { InstanceSettings } from './settings.ts';

/**
 * How an instance with these settings looks at a region of a picture.
 *
 * @throws PhizError `MODEL_UNAVAILABLE` where the detector is not known.
 */
export function planFor(
  settings: Pick<InstanceSettings, 'models' | 'manifests' | 'faces'>,
  choice: Exclude<DetectorChoice, 'none'>,
  region: Box,
): Level[] {
  const networks = chooseNetworks(settings);
  const light = choice === 'light';
  const [pack] =
    (light ? networks.get('lightDetector') : (networks.get('candidates') ?? networks.get('detector'))) ?? [];
  if (!pack) return [];
  const { decoder, input } = pack.manifest as DetectorManifest;
  const rules = { reliable: detectorFamilies[decoder].reliable, size: input.size };
  return light ? planOnePass(region, rules) : planLevels(region, settings.faces, rules);
}
