import type { NetworkFiles } from '../../create-engine.ts';
import { inHex, sha256 } from '../../digest.ts';
import { messageOf } from '../../errors.ts';
import { ships } from '../../pipeline/catalogue.ts';
import { type Manifest, readManifest } from '../../pipeline/manifest.ts';
import type { Host } from '../host.ts';

export type NetworkFile = Manifest['files'][number];

/** A network with files of its own, and the folder that they are in. */
export interface StoredNetwork {
  readonly manifest: Manifest;
  readonly folder: string;
}

/** Where the files of a pulled network are. */
export function folderOf({ cacheFolder }: Pick<Host, 'cacheFolder'>, id: string): string {
  return `${cacheFolder}/models/${id}`;
}

/**
 * The network that a person names: by its id in the catalogue, or by the path of a manifest or of
 * the folder with its `manifest.json`.
 *
 * @throws Error with one line
 */
export async function findNetwork(host: Host, name: string): Promise<StoredNetwork> {
  if (isPath(name)) return readOwnManifest(host, name);
  const manifest = host.platform.catalogue.pullable.find(({ id }) => id === name);
  if (manifest) return { manifest, folder: folderOf(host, name) };
  throw new Error(
    `there is no network ${JSON.stringify(name)}: "phiz models list" lists all, and a manifest of your own ` +
      'is named by its path, such as ./my-model',
  );
}

function isPath(name: string): boolean {
  return /[\\/]|\.json$/.test(name);
}

async function readOwnManifest(host: Host, path: string): Promise<StoredNetwork> {
  const file = path.endsWith('.json') ? path : `${path.replace(/[\\/]+$/, '')}/manifest.json`;
  const bytes = await host.readFile(file);
  try {
    const manifest = readManifest(parseJson(bytes));
    if (ships(host.platform.catalogue, manifest.id))
      throw new Error(`id: ${manifest.id} is that of a network that ships with phiz`);
    if (manifest.files.length === 0) throw new Error('files: expected the name and SHA-256 of one or more');
    return { manifest, folder: file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.' };
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`expected JSON: ${messageOf(cause)}`, { cause });
  }
}

/**
 * A network of the catalogue or of the user's own, every file read and found to be the one that
 * the manifest names.
 *
 * @throws Error with one line
 */
export async function openNetworkOn(host: Host, name: string): Promise<NetworkFiles> {
  const network = await findNetwork(host, name);
  const files = await Promise.all(
    network.manifest.files.map(async (file) => [file.name, await readVerified(host, network, file)] as const),
  );
  // Each is handed on as it was checked; who asks again gets it read and checked again.
  const checked = new Map(files);
  return {
    manifest: network.manifest,
    async read(file) {
      const bytes = checked.get(file);
      checked.delete(file);
      const wanted = network.manifest.files.find((each) => each.name === file);
      return bytes ?? readVerified(host, network, wanted!);
    },
  };
}

/** The bytes of a file of a network. @throws Error where it is missing or is another one. */
export async function readVerified(
  host: Host,
  { manifest, folder }: StoredNetwork,
  file: NetworkFile,
): Promise<Uint8Array> {
  const path = `${folder}/${file.name}`;
  if ((await host.fileSize(path)) === undefined) {
    throw new Error(
      host.platform.catalogue.pullable.includes(manifest)
        ? `${manifest.id} is not on this machine yet: run "phiz models pull ${manifest.id}"`
        : `${path}, which the manifest of ${manifest.id} names, does not exist`,
    );
  }
  const bytes = await host.readFile(path);
  const found = inHex(await sha256(bytes));
  if (found !== file.sha256) {
    throw new Error(`${path} is not what its manifest says: expected SHA-256 ${file.sha256}, found ${found}`);
  }
  return bytes;
}

/** True where every file of a network is there; their content is not looked at. */
export async function isPresent(host: Host, { manifest, folder }: StoredNetwork): Promise<boolean> {
  const sizes = await Promise.all(manifest.files.map(({ name }) => host.fileSize(`${folder}/${name}`)));
  return sizes.every((size) => size !== undefined);
}
