import { messageOf } from '../../errors.ts';
import { createBackends } from '../../pipeline/create-instance.ts';
import { fitted } from '../../pipeline/fit.ts';
import { filePack, networkAsset } from '../../pipeline/pack.ts';
import type { Host } from '../host.ts';
import { folderOf, isPresent, openNetworkOn } from './network-store.ts';

/**
 * Checks networks that are on this machine: that each file has the SHA-256 of its manifest, loads,
 * and has the inputs and outputs that the manifest says.
 *
 * @param names ids or paths; none: everything that was pulled
 * @returns how many are not as they should be
 */
export async function verifyNetworks(host: Host, names: readonly string[]): Promise<number> {
  const wanted = names.length > 0 ? names : await pulledIds(host);
  if (wanted.length === 0) host.stdout.write('Nothing has been pulled.\n');
  const backends = createBackends(host.platform);
  let failures = 0;
  for (const name of wanted) {
    try {
      const { manifest, read } = await openNetworkOn(host, name);
      const files = new Map(manifest.files.map((file) => [networkAsset(manifest.id, file.name), file.name]));
      const model = await filePack(manifest).build((asset) => read(files.get(asset)!));
      const backend = await backends[manifest.format]();
      await (await fitted(await backend.load(model), manifest)).close();
      host.stdout.write(`${name}: ok\n`);
    } catch (error) {
      failures++;
      host.stdout.write(`${name}: ${messageOf(error)}\n`);
    }
  }
  return failures;
}

async function pulledIds(host: Host): Promise<string[]> {
  const ids: string[] = [];
  for (const manifest of host.platform.catalogue.pullable) {
    if (await isPresent(host, { manifest, folder: folderOf(host, manifest.id) })) ids.push(manifest.id);
  }
  return ids;
}
