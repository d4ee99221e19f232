import { copyFile, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assets } from '../assets.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Copies every asset from node_modules to dist/assets, where it is not there yet. */
export async function stageAssets(folder = join(root, 'dist/assets')): Promise<string> {
  for (const [name, source] of Object.entries(assets)) {
    const from = join(root, 'node_modules', source);
    const to = join(folder, name);
    const [original, copy] = await Promise.all([stat(from), stat(to).catch(() => null)]);
    if (copy?.size === original.size && copy.mtimeMs >= original.mtimeMs) continue;
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
  }
  return folder;
}
