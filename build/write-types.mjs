/**
 * `node build/write-types.mjs`: the declarations of the library in dist/types, those alone that its
 * entries lead to.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

mkdirSync('dist', { recursive: true });
const all = mkdtempSync('dist/.types-');
const options = [
  '--noEmit',
  'false',
  '--declaration',
  '--emitDeclarationOnly',
  '--rootDir',
  '.',
  '--outDir',
  all,
];
execFileSync('npx', ['tsc', ...options], { stdio: 'inherit', shell: process.platform === 'win32' });
rmSync('dist/types', { recursive: true, force: true });

const entries = ['node/index', 'browser/index', 'edge/handler'];
const waiting = entries.map((entry) => resolve(all, `runtimes/${entry}.d.ts`));
const written = new Set(waiting);
for (let file = waiting.pop(); file; file = waiting.pop()) {
  // The sources name each other by their own ending, which a package of declarations has not.
  // Modules imported for what they do alone have nothing to declare.
  const text = readFileSync(file, 'utf8')
    .replace(/(from '\.[^']*)\.ts'/g, "$1.js'")
    .replace(/^import '\.[^']*';\n/gm, '');
  const to = join('dist/types', relative(all, file));
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
  for (const [, path] of text.matchAll(/from '(\.[^']*)\.js'/g)) {
    const next = resolve(dirname(file), `${path}.d.ts`);
    if (!written.has(next)) waiting.push(next);
    written.add(next);
  }
}
rmSync(all, { recursive: true });
