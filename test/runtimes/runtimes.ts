import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

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
  '--allow-env=XDG_CACHE_HOME,CFG_*,NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE',
];

const newestNode = binary('node', 'bin/node');

export const runtimes: readonly Runtime[] = [
  { name: `Node ${process.versions.node}`, folder: 'node', command: [process.execPath] },
  // Not to be had for every system.
  ...(newestNode ? [{ name: 'the newest Node', folder: 'node', command: [newestNode] } as const] : []),
  { name: 'Bun', folder: 'bun', command: [installed('@oven', 'bin/bun')] },
  { name: 'Deno', folder: 'deno', command: [installed('@deno', 'deno'), 'run', ...denoPermissions] },
];

/** phiz as a person starts it, by what runs it. */
export type CommandLine = readonly [string, ...string[]];

/** The single file in a folder. */
export function singleFile(folder: string): CommandLine {
  return [join(folder, process.platform === 'win32' ? 'phiz.exe' : 'phiz')];
}

/**
 * phiz on every runtime and as the single file.
 *
 * @param dist where the built programs are
 * @param single where the single file is
 */
export function commandLines(dist: string, single: string): (readonly [name: string, CommandLine])[] {
  return [
    ...runtimes.map(
      ({ name, folder, command }) => [name, [...command, join(dist, folder, 'main.js')]] as const,
    ),
    ['the single file', singleFile(single)],
  ];
}

/**
 * The program of an npm package that is installed for this machine alone: the packages that choose
 * among those do it in install scripts, which are not run.
 *
 * @param family the scope of the packages, or what their names begin with
 */
function binary(family: string, program: string): string | undefined {
  const folder = 'test/runtimes/node_modules';
  const [scope, prefix] = family.startsWith('@') ? [family, ''] : ['', `${family}-`];
  const candidates = readdirSync(join(folder, scope))
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => [program, `${program}.exe`].map((file) => resolve(folder, scope, name, file)));
  return candidates.find((path) => existsSync(path));
}

function installed(family: string, program: string): string {
  const found = binary(family, program);
  if (!found) throw new Error(`${family} is not installed in test/runtimes: see npm run test:runtimes`);
  return found;
}
