import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../models/catalogue.ts';
import { assetNames, binaries } from './assets.ts';
import { sourcePath } from './fetch-weights.mjs';
import { recipes } from './networks/recipes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Copied where they have changed, and built after the assets. */
const keptFolders = ['wasm', 'page'];

/**
 * Puts every asset into dist/assets: WASM binaries as they come with their packages, networks as
 * their recipes make them of the weights in theirs. What earlier builds have left there is removed.
 */
export async function stageAssets(folder = join(root, 'dist/assets')): Promise<string> {
  for (const entry of await readdir(folder).catch(() => []))
    if (!keptFolders.includes(entry)) await rm(join(folder, entry), { recursive: true });
  for (const name of assetNames) await mkdir(dirname(join(folder, name)), { recursive: true });
  for (const [name, source] of Object.entries(binaries)) {
    const from = sourcePath(source);
    const to = join(folder, name);
    const [original, copy] = await Promise.all([stat(from), stat(to).catch(() => null)]);
    if (copy?.size === original.size && copy.mtimeMs >= original.mtimeMs) continue;
    await copyFile(from, to);
  }
  for (const { manifest, assets } of catalogue.shipped) {
    const { sources, build } = recipes[manifest.id]!;
    const files = await Promise.all(sources.map((path) => readFile(sourcePath(path))));
    await writeFile(join(folder, assets[0]!), build(...files));
  }
  return folder;
}
