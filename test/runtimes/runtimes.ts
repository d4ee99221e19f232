import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** How a runtime runs a program of dist/. */
export interface Runtime {
  readonly name: string;
  /** The folder of its programs in dist/. */
  readonly folder: 'node' | 'bun' | 'deno';
  /** The command line before the program. */
  readonly command: readonly [string, ...string[]];
}

/** As in deno.json, and the temporary files of the tests. */
const denoPermissions = [
  '--no-prompt',
  '--allow-net',
  '--allow-read',
  '--allow-sys=homedir',
  '--allow-env=XDG_CACHE_HOME,NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE',
];

export const bun = binary('@oven', 'bin/bun');

export const runtimes: readonly Runtime[] = [
  { name: `Node ${process.versions.node}`, folder: 'node', command: [process.execPath] },
  { name: 'the newest Node', folder: 'node', command: [binary('node', 'bin/node')] },
  { name: 'Bun', folder: 'bun', command: [bun] },
  { name: 'Deno', folder: 'deno', command: [binary('@deno', 'deno'), 'run', ...denoPermissions] },
];

/**
 * The program of an npm package that is installed for this machine alone: the packages that choose
 * among those do it in install scripts, which are not run.
 *
 * @param family the scope of the packages, or what their names begin with
 */
function binary(family: string, program: string): string {
  const installed = fileURLToPath(new URL('node_modules', import.meta.url));
  const [scope, prefix] = family.startsWith('@') ? [family, ''] : ['', `${family}-`];
  const candidates = readdirSync(join(installed, scope))
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => [program, `${program}.exe`].map((file) => join(installed, scope, name, file)));
  const found = candidates.find((path) => existsSync(path));
  if (!found) throw new Error(`${family} is not installed in ${installed}: see npm run test:runtimes`);
  return found;
}
