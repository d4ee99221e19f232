/**
 * `node build/pack.mjs [FOLDER]`: the npm package of what dist/ has, phiz-VERSION.tgz, into a folder (default: dist/npm).
 * Its package.json leaves out what is for work on the product alone: npm warns its users of scripts, and they would find none.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

const folder = resolve(process.argv[2] ?? 'dist/npm');
mkdirSync(folder, { recursive: true });
const work = mkdtempSync('dist/.npm-');
const pack = (from, to) =>
  execFileSync('npm', ['pack', from, '--ignore-scripts', '--silent', '--pack-destination', to], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

pack('.', work);
const [tarball] = readdirSync(work);
execFileSync('tar', ['-xzf', join(work, tarball), '-C', work]);
const manifest = join(work, 'package/package.json');
const { scripts: _, devDependencies: __, private: ___, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
writeFileSync(manifest, `${JSON.stringify(rest, undefined, 2)}\n`);
pack(`./${join(work, 'package')}`, folder);
rmSync(work, { recursive: true });
process.stdout.write(`${join(folder, tarball)}\n`);
