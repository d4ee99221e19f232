import type { Lineup } from '../detect/plan-looks.ts';
import { PhizError } from '../errors.ts';
import type { Catalogue, Role } from './catalogue.ts';
import type { DetectorChoice } from './extraction.ts';
import { type Capability, capabilityOf } from './manifest.ts';
import { filePack, type Pack } from './pack.ts';
import type { InstanceSettings, ModelIds } from './settings.ts';

const capabilityOfRole: Readonly<Record<Role, Capability>> = {
  detector: 'detection',
  scout: 'detection',
  scan: 'detection',
  lightDetector: 'detection',
  mesh: 'landmarks',
  landmarks: 'landmarks',
  embedding: 'embedding',
  age: 'age-gender',
  gender: 'age-gender',
  emotions: 'emotions',
};

/**
 * The networks of each role that is switched on: one, of the embedding and the emotions also several.
 *
 * @throws PhizError `MODEL_UNAVAILABLE` where an id is not known or is one of a network for another capability.
 */
export function chooseNetworks(
  { shipped, defaults }: Catalogue,
  { models, manifests }: Pick<InstanceSettings, 'models' | 'manifests'>,
): Map<Role, readonly Pack[]> {
  const packs = [...shipped, ...manifests.map(filePack)];
  const chosen = new Map<Role, readonly Pack[]>();
  const choose = (role: Role, ids: readonly string[]) => {
    const named = ids.flatMap((id) => (id === 'default' ? defaults[role] : [id]));
    chosen.set(
      role,
      named.map((id) => packNamed(packs, role, id)),
    );
  };
  choose('mesh', ['default']);
  choose('landmarks', ['default']);
  for (const [role, ids] of Object.entries(models) as [keyof ModelIds, string | readonly string[]][]) {
    if (ids !== '') choose(role, typeof ids === 'string' ? [ids] : ids);
  }
  const detector = chosen.get('detector')?.[0]?.manifest;
  if (detector && 'confirms' in detector && detector.confirms) {
    choose('scout', [detector.confirms]);
    if (detector.scan) choose('scan', [detector.scan]);
  }
  return chosen;
}

/** The networks of a detector; undefined where it is switched off. */
export function lineupOf<Network>(
  networks: ReadonlyMap<Role, readonly Network[]>,
  choice: Exclude<DetectorChoice, 'none'>,
): Lineup<Network> | undefined {
  const once = choice === 'light';
  const [chosen] = networks.get(once ? 'lightDetector' : 'detector') ?? [];
  const [scout] = networks.get('scout') ?? [];
  if (!chosen || once || !scout) return chosen && { scout: chosen, once };
  const [scan] = networks.get('scan') ?? [];
  return { scan, scout, judge: chosen };
}

function packNamed(packs: readonly Pack[], role: Role, id: string): Pack {
  const capability = capabilityOfRole[role];
  const pack = packs.find(({ manifest }) => manifest.id === id);
  if (!pack) {
    const fitting = packs.filter(({ manifest }) => capabilityOf(manifest) === capability);
    throw new PhizError(
      'MODEL_UNAVAILABLE',
      `${role}: there is no network ${JSON.stringify(id)}; at hand are ${fitting.map(({ manifest }) => manifest.id).join(', ')}`,
    );
  }
  if (capabilityOf(pack.manifest) !== capability) {
    throw new PhizError(
      'MODEL_UNAVAILABLE',
      `${role}: expected a network for ${capability}, ${id} is one for ${capabilityOf(pack.manifest)}`,
    );
  }
  return pack;
}
