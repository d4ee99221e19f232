import type { Command } from 'commander';
import type { Host } from '../host.ts';
import { listNetworks, showNetwork } from './list-networks.ts';
import { findNetwork } from './network-store.ts';
import { type PullFlags, pullNetworks } from './pull-networks.ts';
import { verifyNetworks } from './verify-networks.ts';

/** `phiz models …`: the networks that can be configured. @returns the command, for more below it */
export function addModelsCommand(program: Command, host: Host): Command {
  const models = program
    .command('models')
    .description('list, pull and check networks that can be configured instead of the default ones');

  models
    .command('list')
    .description('all networks, with what they are for and whether they are here')
    .action(async () => host.stdout.write(await listNetworks(host)));

  models
    .command('show')
    .description('what is known of a network')
    .argument('<id>', 'its id, or the path of a manifest')
    .action(async (id: string) => {
      const pack = host.platform.catalogue.shipped.find(({ manifest }) => manifest.id === id);
      host.stdout.write(await showNetwork(host, pack ? pack.manifest : await findNetwork(host, id)));
    });

  models
    .command('pull')
    .description('bring networks to this machine')
    .argument('<id...>', 'networks of the list')
    .option('--from <file>', 'take this file, for a machine without a network')
    .option('--accept-license', 'agree to licences that forbid commercial use')
    .addHelpText('after', `\nThey are kept in ${host.cacheFolder}/models.`)
    .action((ids: string[], flags: PullFlags) => pullNetworks(host, ids, flags));

  models
    .command('verify')
    .description('check that networks are the ones that were published, and that they run')
    .argument('[id...]', 'ids, or paths of manifests (default: all that were pulled)')
    .action(async (names: string[]) => {
      host.exit((await verifyNetworks(host, names)) > 0 ? 1 : 0);
    });

  return models;
}
