import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import manifest from '../package.json' with { type: 'json' };
import type { AssetList } from '../runtimes/browser/asset-store.ts';
import { pagePolicy } from '../src/server/page.ts';
import { assetNames } from './assets.ts';
import { modulesIn } from './licences.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'runtimes/browser');
const samples = join(root, 'node_modules/@vladmandic/face-api/demo');

/** Pictures on which the page can be tried, of @vladmandic/face-api. */
const sampleNames = [1, 2, 3, 4, 5, 6].map((number) => `sample${number}.jpg`);

/**
 * Builds what programs of others import, into `<dist>/browser` and `<dist>/edge`: modules that need
 * nothing but web standards.
 *
 * @returns the paths of the modules in it
 */
export async function buildLibraries(assetFolder: string, dist: string): Promise<string[]> {
  const assets = { __PHIZ_ASSETS__: JSON.stringify(await listAssets(assetFolder)) };
  const browser = { index: 'index.ts', 'engine-worker': 'engine-worker.ts' };
  await rm(join(dist, 'browser'), { recursive: true, force: true });
  const modules = await bundle(join(dist, 'browser'), browser, assets);
  await rm(join(dist, 'edge'), { recursive: true, force: true });
  return [...modules, ...(await bundle(join(dist, 'edge'), { handler: '../edge/handler.ts' }))];
}

/**
 * Builds the page into `<assetFolder>/page`, where the server finds it as assets: `index.html`,
 * `sw.js` and the files beside them. All of it refers to `page/…` and `assets/…` below the address
 * of the page.
 *
 * @returns the paths of the modules in it
 */
export async function buildPage(assetFolder: string): Promise<string[]> {
  const folder = join(assetFolder, 'page');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'samples'), { recursive: true });
  const modules = await bundle(
    folder,
    { main: 'page/main.ts', 'engine-worker': 'engine-worker.ts' },
    { __PHIZ_ASSETS__: JSON.stringify(await listAssets(assetFolder)) },
  );
  const html = await readFile(join(sources, 'page/index.html'), 'utf8');
  await writeFile(
    join(folder, 'index.html'),
    html.replace('__PHIZ_POLICY__', pagePolicy).replace('<!-- source -->', sourceLinks(manifest)),
  );
  for (const name of ['style.css', 'icon.svg', 'manifest.webmanifest']) {
    await copyFile(join(sources, 'page', name), join(folder, name));
  }
  for (const name of sampleNames) await copyFile(join(samples, name), join(folder, 'samples', name));

  // The service worker comes last: it knows every other file, and a change to any changes it.
  const files = await listFiles(folder);
  const shell = files.filter((file) => file !== 'index.html').map((file) => `page/${file}`);
  const digest = createHash('sha256');
  for (const file of files) digest.update(file).update(await readFile(join(folder, file)));
  const worker = await bundle(
    folder,
    { sw: 'service-worker.ts' },
    {
      __PHIZ_SHELL__: JSON.stringify(['./', ...shell]),
      __PHIZ_BUILD__: JSON.stringify(digest.digest('hex').slice(0, 12)),
    },
  );
  return [...modules, ...worker];
}

/** The keys of a package.json that the page is made from. */
interface PackageFacts {
  readonly name: string;
  readonly repository?: { readonly url: string };
}

/** Links to the source and its networks, where package.json names the `repository`; else empty. */
export function sourceLinks({ repository }: PackageFacts): string {
  if (!repository) return '';
  const url = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  return `<p><a href="${url}">Source</a> · <a href="${url}/blob/HEAD/docs/models.md">Networks</a></p>`;
}

/**
 * @param entries source files by the name of what is built from them
 * @returns the paths of the modules in it
 */
async function bundle(
  folder: string,
  entries: Record<string, string>,
  define: Record<string, string> = {},
): Promise<string[]> {
  const { output } = await build({
    input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(sources, path)])),
    platform: 'browser',
    transform: { define },
    logLevel: 'warn',
    output: {
      dir: folder,
      format: 'esm',
      minify: true,
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      codeSplitting: {
        // onnxruntime-web starts its threads with the module that it is in.
        groups: [
          { name: 'onnxruntime-webgpu', test: /onnxruntime-web.*jspi/ },
          { name: 'onnxruntime', test: /onnxruntime-web/ },
        ],
      },
    },
  });
  return modulesIn(output);
}

async function listAssets(folder: string): Promise<AssetList> {
  const entries = assetNames.map(async (name) => {
    const content = await readFile(join(folder, name));
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
    return [name, { bytes: content.length, digest }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
