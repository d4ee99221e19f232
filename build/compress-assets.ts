import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type ContentCoding, codingsAsset } from '../src/server/page.ts';

/** Weights are left out: they do not shrink. */
const compressible = /\.(html|css|js|json|webmanifest|svg|wasm)$/;

/** Bytes that a variant must save to be worth its place: below, the headers weigh as much. */
const worthwhile = 4_096;

const compressors: Readonly<Record<ContentCoding, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  // 11 takes 20 times as long, for 5% less.
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** Puts compressed variants beside the assets that browsers are sent, and a list of them. */
export async function compressAssets(folder: string): Promise<void> {
  const names = (await Promise.all(['page', 'wasm'].map((below) => listFiles(folder, below)))).flat();
  const listed = names
    .filter((name) => compressible.test(name))
    .sort()
    .map(async (name) => {
      const codings: ContentCoding[] = [];
      for (const coding of ['br', 'gzip'] as const) {
        if (await isWorthwhile(join(folder, name), coding)) codings.push(coding);
      }
      return [name, codings] as const;
    });
  const codings = (await Promise.all(listed)).filter(([, each]) => each.length > 0);
  await writeFile(join(folder, codingsAsset), JSON.stringify(Object.fromEntries(codings)));
}

/** Makes a variant unless the one that is there is of the same file. */
async function isWorthwhile(path: string, coding: ContentCoding): Promise<boolean> {
  const variant = `${path}.${coding}`;
  const [original, made] = await Promise.all([stat(path), stat(variant).catch(() => null)]);
  // Of a file's time, a variant that is complete has the milliseconds, and not always the last.
  if (made && Math.abs(made.mtimeMs - original.mtimeMs) < 2) return made.size + worthwhile <= original.size;
  const bytes = await compressors[coding](await readFile(path));
  await writeFile(variant, bytes);
  await utimes(variant, original.atime, original.mtime);
  return bytes.length + worthwhile <= original.size;
}

async function listFiles(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.(br|gzip)$/.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}
