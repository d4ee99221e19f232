import { ConfigError } from '../../config/config-error.ts';
import { ships } from '../../pipeline/catalogue.ts';
import type { Host } from '../host.ts';
import { createBar } from '../progress.ts';
import { formatBytes } from './format-bytes.ts';
import { licenceText } from './list-networks.ts';
import { findNetwork, readVerified, type StoredNetwork } from './network-store.ts';
import { pullFile, takeFile } from './pull-file.ts';

export interface PullFlags {
  /** A file of the disk to take instead of a download. */
  readonly from?: string;
  /** True where the person agrees to licences that forbid commercial use. */
  readonly acceptLicense?: boolean;
}

/**
 * Brings networks of the catalogue (or of manifests of the user's own that say where their files
 * can be had) to this machine.
 *
 * @throws Error with one line; networks before the one that failed are there.
 */
export async function pullNetworks(host: Host, ids: readonly string[], flags: PullFlags): Promise<void> {
  const shipped = ids.filter((id) => ships(host.platform.catalogue, id));
  if (shipped.length > 0) throw new Error(`${shipped.join(', ')}: ships with phiz, nothing to pull`);
  // All of them are looked at before the first is downloaded.
  const networks = await Promise.all(ids.map((id) => findNetwork(host, id)));
  if (flags.from !== undefined && (networks.length !== 1 || networks[0]!.manifest.files.length !== 1)) {
    throw new ConfigError('--from FILE is for one network of one file');
  }
  for (const { manifest } of networks) {
    host.stderr.write(`${manifest.id}: licence ${licenceText(manifest)}, see ${manifest.source}\n`);
  }
  const refused = networks.filter(({ manifest }) => manifest.nonCommercial && !flags.acceptLicense);
  if (refused.length > 0) {
    throw new Error(
      `${refused.map(({ manifest }) => manifest.id).join(', ')}: the licence forbids commercial use; ` +
        'if that suits you, say so with --accept-license',
    );
  }
  for (const network of networks) await pullNetwork(host, network, flags.from);
}

async function pullNetwork(host: Host, network: StoredNetwork, from: string | undefined): Promise<void> {
  const { manifest, folder } = network;
  for (const file of manifest.files) {
    const target = `${folder}/${file.name}`;
    const here = await readVerified(host, network, file).then(
      () => true,
      () => false,
    );
    if (here) {
      host.stdout.write(`${target}: is here already, verified\n`);
      continue;
    }
    if (from === undefined) {
      const bar = createBar(host.stderr);
      try {
        await pullFile(host, file, target, (have, total) =>
          bar.draw(
            have,
            total,
            `${manifest.id} ${formatBytes(have)}${total ? ` of ${formatBytes(total)}` : ''}`,
          ),
        );
      } finally {
        bar.clear();
      }
    } else {
      await takeFile(host, file, from, target);
    }
    host.stdout.write(`${target}: verified\n`);
  }
}
