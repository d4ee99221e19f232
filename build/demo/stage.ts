import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pageHeaders } from '../../src/server/page.ts';
import { assetNames } from '../assets.ts';

/**
 * The page alone, as static files for any host, in `folder`: `index.html`, `sw.js`, `page/`,
 * `assets/`.
 *
 * @param built the built assets, with the page among them
 */
export async function stageDemo(built: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(join(built, 'page'), join(folder, 'page'), { recursive: true });
  for (const name of ['index.html', 'sw.js']) await cp(join(built, 'page', name), join(folder, name));
  for (const name of assetNames) {
    const copy = join(folder, 'assets', name);
    await mkdir(dirname(copy), { recursive: true });
    await cp(join(built, name), copy);
  }
  // Several hosts take the headers that they send from a file of this name.
  const headers = Object.entries(pageHeaders).map(([name, value]) => `  ${name}: ${value}\n`);
  await writeFile(join(folder, '_headers'), `/*\n${headers.join('')}`);
}
