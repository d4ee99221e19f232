/**
 * `npm run build:deb [-- amd64|arm64 …] [-- --revision N]`: dist/deb/phiz_VERSION-REVISION_ARCH.deb, the
 * single file as a Debian package, for both architectures unless one is named. The same commit gives
 * the same bytes: nothing in a package tells when, where or by whom it was built.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import packageJson from '../package.json' with { type: 'json' };
import { nodeHost } from '../runtimes/node/host.ts';
import { connectNats } from '../runtimes/node-api/nats.ts';
import { completionScript } from '../src/cli/completions.ts';
import { createProgram } from '../src/cli/program.ts';
import { manualPage } from './manual-page.ts';

/** Architectures by Debian's names, with those of the single file. */
const targets = { amd64: 'linux-x64', arm64: 'linux-arm64' } as const;
type Architecture = keyof typeof targets;

const maintainer = 'The phiz authors <phiz@example.org>';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { revision: { type: 'string', default: '1' } },
});
const unknown = positionals.find((name) => !Object.hasOwn(targets, name));
if (unknown !== undefined) {
  process.stderr.write(`expected ${Object.keys(targets).join(' or ')}, got ${unknown}\n`);
  process.exit(2);
}
const architectures = (positionals.length > 0 ? positionals : Object.keys(targets)) as Architecture[];

const version = `${packageJson.version}-${values.revision}`;
/** Seconds: of the commit, which dpkg-deb takes for the times of all files. */
const time = Number(process.env.SOURCE_DATE_EPOCH ?? execFileSync('git', ['log', '-1', '--format=%ct']));
const date = new Date(1_000 * time);
const program = createProgram(nodeHost, connectNats);

// One program file after the other; they are compressed side by side.
for (const path of await Promise.all(architectures.map(buildPackage))) process.stdout.write(`${path}\n`);

/** @returns the package's path */
async function buildPackage(architecture: Architecture): Promise<string> {
  execFileSync(process.execPath, ['build/build-binary.mjs', targets[architecture]], { stdio: 'ignore' });
  const root = `dist/deb/${architecture}`;
  await rm(root, { recursive: true, force: true });

  await copy(`dist/bin/phiz-${targets[architecture]}`, `${root}/usr/bin/phiz`, 0o755);
  const units = `${root}/lib/systemd/system`;
  await copy('deploy/systemd/phiz.service', `${units}/phiz.service`);
  // So that the vendor's commands find it before it is enabled, which is what makes the unit's Alias=.
  await symlink('phiz.service', `${units}/findface-extraction-api.service`);
  await write(`${root}/etc/findface-extraction-api.ini`, configurationTemplate());

  const share = `${root}/usr/share`;
  await write(`${share}/bash-completion/completions/phiz`, completionScript(program, 'bash'));
  await write(`${share}/zsh/vendor-completions/_phiz`, completionScript(program, 'zsh'));
  await write(`${share}/fish/vendor_completions.d/phiz.fish`, completionScript(program, 'fish'));
  const manual = manualPage(program, { version: packageJson.version, date: date.toISOString().slice(0, 10) });
  await write(`${share}/man/man1/phiz.1.gz`, compress(manual));
  await write(`${share}/doc/phiz/copyright`, await copyright());
  await write(`${share}/doc/phiz/changelog.Debian.gz`, compress(changelog()));
  await copy('deploy/debian/lintian-overrides', `${share}/lintian/overrides/phiz`);

  const control = `${root}/DEBIAN`;
  const files = await filesBelow(root);
  const sizes = await Promise.all(files.map(async (file) => (await readFile(join(root, file))).length));
  const sums = await Promise.all(
    files.map(
      async (file) =>
        `${createHash('md5')
          .update(await readFile(join(root, file)))
          .digest('hex')}  ${file}\n`,
    ),
  );
  await write(
    `${control}/control`,
    controlFile(
      architecture,
      sizes.reduce((sum, size) => sum + size, 0),
    ),
  );
  await write(`${control}/md5sums`, sums.join(''));
  await write(`${control}/conffiles`, '/etc/findface-extraction-api.ini\n');
  for (const script of ['postinst', 'prerm', 'postrm']) {
    await copy(`deploy/debian/${script}`, `${control}/${script}`, 0o755);
  }

  const path = `dist/deb/phiz_${version}_${architecture}.deb`;
  const options = ['--root-owner-group', '-Zxz', '-z1', '--threads-max=1'];
  const { stderr } = await promisify(execFile)('dpkg-deb', [...options, '--build', root, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(time) },
  });
  process.stderr.write(stderr);
  return path;
}

function controlFile(architecture: Architecture, size: number): string {
  return `Package: phiz
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Section: net
Priority: optional
Installed-Size: ${Math.ceil(size / 1024)}
Depends: libc6 (>= 2.17), init-system-helpers (>= 1.54)
Recommends: ca-certificates
Provides: findface-extraction-api
Conflicts: findface-extraction-api
Description: face extraction service: boxes, vectors, age, gender, emotions
 An open service that answers NtechLab's FindFace Extraction API: one POST takes
 pictures and returns, for each face, the box, the detection score, the feature
 vector, gender, age, emotions and a normalised face.
 .
 Without a licence server, a GPU or native modules; no picture leaves the
 machine. The service is not started by the installation: edit
 /etc/findface-extraction-api.ini, then "systemctl enable --now phiz".
`;
}

/** As `phiz -config-template` prints it. */
function configurationTemplate(): string {
  return execFileSync(process.execPath, ['dist/node/main.js', '-config-template'], { encoding: 'utf8' });
}

async function copyright(): Promise<string> {
  const [, ...licence] = (await readFile('LICENSE', 'utf8')).trim().split(/\n\n(?=Permission)/);
  const paragraphs = licence
    .join('\n\n')
    .split('\n')
    .map((line) => ` ${line || '.'}\n`);
  return (await readFile('deploy/debian/copyright', 'utf8')) + paragraphs.join('');
}

/** Debian wants an entry a version; what changed is the project's own changelog. */
function changelog(): string {
  return `phiz (${version}) unstable; urgency=medium

  * ${packageJson.version}: see CHANGELOG.md of the project.

 -- ${maintainer}  ${date.toUTCString().replace('GMT', '+0000')}
`;
}

/** The best that gzip does, without a name and a time. */
function compress(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

/** Regular files below a folder, relative to it, sorted. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o644);
}

async function copy(from: string, to: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, mode);
}
