/**
 * `node build/install-folder.mjs FOLDER`: installs the dependencies of a folder with a
 * package.json of its own, unless what is installed is what its lock file says.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '.'] = process.argv.slice(2);
const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
const installed = join(folder, 'node_modules/.installed-lock.json');

if (read(installed) !== lock) {
  process.stderr.write(`installing what ${folder} needs\n`);
  // No scripts: the packages bring their binaries, and onnxruntime-node's would fetch GPU libraries.
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', '--prefix', folder, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(installed, lock);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
