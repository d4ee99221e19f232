import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Why bare Debian systems cannot be made here, if they cannot. */
export function whyNoDebian(...programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may make the root of another system';
  const missing = ['mmdebstrap', 'systemd-nspawn', ...programs].filter((name) => !onPath(name));
  return missing.length > 0 ? `${missing.join(', ')} not installed` : undefined;
}

function onPath(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}

/**
 * A folder with a bare Debian and these packages, as the registry at hand has them. What is downloaded is kept
 * for the next run.
 */
export function debianRoot(packages: readonly string[]): Promise<string> {
  return unpackedRoot(packages, '--variant=minbase');
}

/** A folder with the files of these packages and what they depend on, of an architecture that is not this machine's. */
export function foreignRoot(architecture: string, packages: readonly string[]): Promise<string> {
  return unpackedRoot(packages, '--variant=extract', `--architectures=${architecture}`);
}

async function unpackedRoot(packages: readonly string[], ...options: readonly string[]): Promise<string> {
  const { VERSION_CODENAME: suite } = Object.fromEntries(
    (await readFile('/etc/os-release', 'utf8')).split('\n').map((line) => line.split('=')),
  ) as Record<string, string>;
  const name = [suite, ...options.map((option) => option.replace(/.*=/, '')), ...packages].join('-');
  const kept = join(tmpdir(), `phiz-debian-${name}.tar`);
  if (!existsSync(kept)) {
    const making = `${kept}.${process.pid}.tar`;
    await execute('mmdebstrap', [...options, `--include=${packages.join(',')}`, suite!, making]);
    await rename(making, kept);
  }
  const root = await mkdtemp(join(tmpdir(), 'phiz-root-'));
  execFileSync('chmod', ['755', root]);
  execFileSync('tar', ['-xf', kept, '-C', root]);
  return root;
}

export interface Machine {
  /** Runs a line of shell on it as root. @returns what it wrote; with `failing` it must fail */
  run(line: string, options?: { readonly failing?: boolean }): Promise<string>;
  /** A file or folder of this machine to a path of that one. */
  put(from: string, to: string): Promise<void>;
  stop(): Promise<void>;
}

/** Boots a root as a machine of its own, with its own init and its own loopback network. */
export async function bootMachine(root: string): Promise<Machine> {
  const options = [
    '--boot',
    '--hostname=localhost',
    '--register=no',
    '--keep-unit',
    '--private-network',
    '--console=pipe',
  ];
  const nspawn = spawn('systemd-nspawn', ['-q', '-D', root, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [nspawn.stdout, nspawn.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise<void>((resolve) => nspawn.once('close', () => resolve()));

  /** Its init, seen from here. */
  const init = async (): Promise<string> => {
    const children = `/proc/${nspawn.pid}/task/${nspawn.pid}/children`;
    return (await readFile(children, 'utf8').catch(() => '')).trim();
  };
  const run: Machine['run'] = async (line, { failing = false } = {}) => {
    const inside = ['-t', await init(), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
    const { code, text } = await new Promise<{ code: number | null; text: string }>((resolve) => {
      const child = spawn('nsenter', [...inside, 'sh', '-c', `${line} 2>&1`], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      });
      let text = '';
      child.stdout.on('data', (chunk) => (text += chunk));
      child.once('close', (code) => resolve({ code, text }));
    });
    if ((code !== 0) !== failing) throw new Error(`${line}\nexited with ${code}:\n${text}`);
    return text;
  };

  for (let tries = 0; ; tries++) {
    if ((await init()) && (await run('systemctl is-system-running').catch(() => '')).startsWith('running'))
      break;
    if (tries > 600 || nspawn.exitCode !== null) throw new Error(`the machine did not boot:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    run,
    put: (from, to) => cp(from, join(root, to), { recursive: true }),
    async stop() {
      await run('systemctl poweroff').catch(() => {});
      const killer = setTimeout(() => nspawn.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(killer);
      await rm(root, { recursive: true, force: true });
    },
  };
}
