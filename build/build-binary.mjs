/**
 * `node build/build-binary.mjs [TARGET]`: one file with the runtime, the code, the WASM binaries and
 * the weights, dist/bin/phiz; for another system, such as `linux-arm64` or `darwin-arm64`,
 * dist/bin/phiz-TARGET. After `npm run build`, with the Bun of test/runtimes.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Targets by the name of the npm package with Bun for it. */
const packages = {
  'linux-x64': '@oven/bun-linux-x64',
  'linux-x64-musl': '@oven/bun-linux-x64-musl',
  'linux-arm64': '@oven/bun-linux-aarch64',
  'linux-arm64-musl': '@oven/bun-linux-aarch64-musl',
  'darwin-x64': '@oven/bun-darwin-x64',
  'darwin-arm64': '@oven/bun-darwin-aarch64',
  'windows-x64': '@oven/bun-windows-x64',
};

const [target] = process.argv.slice(2);
if (target !== undefined && !Object.hasOwn(packages, target)) {
  process.stderr.write(`expected one of ${Object.keys(packages).join(', ')}, got ${target}\n`);
  process.exit(2);
}

const runtimes = resolve('test/runtimes/node_modules/@oven');
const bun = program(join(runtimes, readdirSync(runtimes)[0]));
const outfile = resolve('dist/bin', target ? `phiz-${target}` : 'phiz');
mkdirSync(resolve('dist/bin'), { recursive: true });
// Of this file alone: what else is in dist/ has no runtime in it.
const runtimeLicences = resolve('dist/assets/licences-runtime.txt');
copyFileSync('build/licences-of-bun.txt', runtimeLicences);
execFileSync(
  bun,
  [
    'build',
    '--compile',
    // What lies in the folder where it is started is none of its business.
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    '--minify-syntax',
    '--minify-whitespace',
    '--root=.',
    '--asset=assets',
    `--outfile=${outfile}`,
    ...(target ? [`--target=bun-${target}`, `--compile-executable-path=${runtimeOf(packages[target])}`] : []),
    'bun/binary.js',
    'node-api/worker.js',
  ],
  { cwd: 'dist', stdio: ['ignore', 'ignore', 'inherit'] },
);
rmSync(runtimeLicences);
const written = target?.startsWith('windows') ? `${outfile}.exe` : outfile;
process.stdout.write(`${written}: ${Math.round(statSync(written).size / 1e6)} MB\n`);

/** Bun for another system, from the registry that npm uses, of the version that does the work. */
function runtimeOf(name) {
  const version = execFileSync(bun, ['--version'], { encoding: 'utf8' }).trim();
  const folder = resolve('dist/bin/runtimes');
  mkdirSync(folder, { recursive: true });
  const options = ['--force', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', '--prefix', folder, ...options, `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return program(join(folder, 'node_modules', name));
}

function program(folder) {
  const path = join(folder, 'bin/bun');
  return existsSync(path) ? path : `${path}.exe`;
}
