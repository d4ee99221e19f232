import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { postForm, responsesOf } from '../contract/client.ts';
import { faceCounts, read } from '../contract/samples.ts';
import { debianRoot, whyNoDebian } from './debian-root.ts';
import { freePort } from './nginx.ts';

const missing = whyNoDebian('buildah');
if (missing) console.warn(`skipped, the container: ${missing}`);

/** In place of `node:22-slim`, which cannot be pulled everywhere: a bare Debian with this machine's Node and npm. */
const base = 'localhost/phiz-test-node';

describe.skipIf(missing)('the container image', () => {
  let folder: string;
  let root: string;

  /** buildah with a store of the test's own, without a daemon. */
  const buildah = (...args: string[]): string => {
    const store = [
      '--storage-driver',
      'vfs',
      '--root',
      join(folder, 'store'),
      '--runroot',
      join(folder, 'run'),
    ];
    return execFileSync('buildah', [...store, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  };

  /** A line of shell in the image as its ordinary user, the file system read-only, in the network of this machine. */
  const inside = (line: string) => {
    const options = ['-q', '-D', root, '--read-only', '--register=no', '--keep-unit', '--as-pid2', '--pipe'];
    const ordinary = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];
    const args = [...options, '--chdir=/opt/phiz', ...ordinary, '--bounding-set=-all', 'sh', '-c', line];
    return spawn('systemd-nspawn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phiz-container-'));
    const debian = await debianRoot(['ca-certificates', 'libstdc++6']);
    await cp(process.execPath, join(debian, 'usr/local/bin/node'), { dereference: true });
    const npm = execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim();
    await cp(join(npm, 'npm'), join(debian, 'usr/lib/node_modules/npm'), { recursive: true });
    await symlink('../../lib/node_modules/npm/bin/npm-cli.js', join(debian, 'usr/local/bin/npm'));
    // The certificates and the registry that npm uses here.
    const certificates = '/etc/ssl/certs/ca-certificates.crt';
    await cp(certificates, join(debian, certificates));
    const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
    await writeFile(join(debian, 'root/.npmrc'), `registry=${registry}\ncafile=${certificates}\n`);
    const container = buildah('from', 'scratch');
    buildah('add', '-q', container, debian, '/');
    buildah('config', '--env', `NODE_EXTRA_CA_CERTS=${certificates}`, container);
    buildah('commit', '-q', container, base);
    await rm(debian, { recursive: true });
    const options = ['--isolation', 'chroot', '--format', 'docker', '--build-arg', `NODE=${base}`];
    buildah('bud', ...options, '-f', 'deploy/container/Dockerfile', '-t', 'phiz', '.');
    root = buildah('mount', buildah('from', 'phiz'));
  }, 900_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says what it is, runs as an ordinary user and holds nothing that serving does not need', () => {
    const { Docker } = JSON.parse(buildah('inspect', '--type', 'image', 'phiz'));
    const { User, Labels, Healthcheck } = Docker.config;
    expect(User).toBe('65534:65534');
    expect(Labels['org.opencontainers.image.version']).toBe(packageJson.version);
    expect(Labels['org.opencontainers.image.licenses']).toBe(packageJson.license);
    expect(Healthcheck.Test).toEqual(['CMD', 'bash', 'health.sh']);
    const files = execFileSync('ls', [join(root, 'opt/phiz')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(files.sort()).toEqual(['LICENSE', 'assets', 'health.sh', 'node', 'node-api', 'package.json']);
  });

  it("answers the seed's call on a read-only system, and its health check finds the port that is configured", async () => {
    const port = await freePort();
    const entry = JSON.parse(buildah('inspect', '--type', 'image', 'phiz')).Docker.config.Entrypoint.join(
      ' ',
    );
    const check = 'for i in $(seq 60); do bash health.sh && echo alive && break; sleep 0.5; done';
    const service = inside(`(${check}) & exec ${entry} serve --listen 127.0.0.1:${port}`);
    let output = '';
    for (const stream of [service.stdout, service.stderr]) stream.on('data', (chunk) => (output += chunk));
    const ended = new Promise<void>((resolve) => service.once('close', () => resolve()));
    try {
      while (!/^alive$/m.test(output)) {
        if (service.exitCode !== null) throw new Error(output);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const request = { image: 'multipart:sample', detector: 'nnd', need_gender: true, need_facen: true };
      const response = await postForm(
        `http://127.0.0.1:${port}/`,
        { requests: [request] },
        { sample: await read('sample1.jpg') },
      );
      const [answer] = await responsesOf(response);
      expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);
    } finally {
      service.kill('SIGTERM');
      await ended;
    }
    // Nothing listens any more.
    const late = inside('bash health.sh');
    expect(await new Promise((resolve) => late.once('close', resolve))).toBe(1);
  }, 240_000);

  it('is named in one place', async () => {
    const dockerfile = await readFile('deploy/container/Dockerfile', 'utf8');
    expect(dockerfile).toContain(`ARG VERSION=${packageJson.version}\n`);
    expect(await readFile('deploy/helm/phiz/Chart.yaml', 'utf8')).toContain(
      `appVersion: "${packageJson.version}"\n`,
    );
  });
});
