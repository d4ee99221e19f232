import packageJson from '../../package.json' with { type: 'json' };
import { type EngineOptions, facensOf, networkChoice, withNetworks } from '../create-engine.ts';
import { chooseNetworks } from '../pipeline/choose-networks.ts';
import { createBackends } from '../pipeline/create-instance.ts';
import { describeForm } from '../pipeline/facen-form.ts';
import type { Host } from './host.ts';

export const { version } = packageJson;

/**
 * The version and the runtime, what feature vectors are, then a line for each network that an engine
 * would have: what runs it.
 */
export async function describeVersion(host: Host, options: EngineOptions): Promise<string> {
  const platform = withNetworks(host.platform, options.networks);
  const { catalogue } = host.platform;
  const backends = createBackends(platform);
  const lines = [`phiz ${version} on ${platform.name}`];
  const facens = facensOf(catalogue, options);
  if (facens) lines.push(`facens: ${describeForm(facens)}`);
  const chosen = [...chooseNetworks(catalogue, networkChoice(options)).values()].flat();
  for (const { manifest, build } of new Set(chosen)) {
    const backend = await backends[manifest.format]();
    const network = await backend.load(await build((name) => platform.readAsset(name)));
    lines.push(`${manifest.id}: ${network.runsOn}`);
    await network.close();
  }
  return lines.join('\n');
}
