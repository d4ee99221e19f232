import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathOf } from '../contract/samples.ts';
import { architecture, buildPackages, packageFor } from './debian-packages.ts';
import { bootMachine, debianRoot, type Machine, whyNoDebian } from './debian-root.ts';

const missing = whyNoDebian('dpkg-deb', 'dpkg-scanpackages', 'lintian');
if (missing) console.warn(`skipped, the Debian package: ${missing}`);

const built = packageFor(architecture);

describe.skipIf(missing)('the Debian package', () => {
  let folder: string;
  let machine: Machine;

  /** Puts the package into the repository that the machine installs from, as this revision. */
  const publish = async (revision: number) => {
    const unpacked = join(folder, 'unpacked');
    execFileSync('dpkg-deb', ['--raw-extract', built, unpacked]);
    const control = join(unpacked, 'DEBIAN/control');
    const text = (await readFile(control, 'utf8')).replace(/^(Version: .*)-1$/m, `$1-${revision}`);
    await writeFile(control, text);
    const path = join(folder, `phiz-${revision}.deb`);
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z1', '--build', unpacked, path], {
      stdio: 'ignore',
    });
    await rm(unpacked, { recursive: true });
    const packages = execFileSync('dpkg-scanpackages', ['-m', '.'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await writeFile(join(folder, 'Packages'), packages);
    await machine.put(folder, '/srv/packages');
    await machine.run('apt-get update -q');
  };
  const pid = async () => (await machine.run('systemctl show -P MainPID phiz')).trim();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phiz-packages-'));
    const root = await debianRoot(['curl', 'init-system-helpers', 'sudo', 'systemd', 'systemd-sysv']);
    await mkdir(join(root, 'srv'), { recursive: true });
    await writeFile(join(root, 'etc/apt/sources.list'), 'deb [trusted=yes] file:/srv/packages ./\n');
    machine = await bootMachine(root);
    await machine.put(pathOf('sample1.jpg'), '/root/sample.jpg');
  }, 600_000);
  afterAll(async () => {
    await machine?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('is built to the same bytes again', async () => {
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(built))
        .digest('hex');
    const first = await digest();
    buildPackages(architecture);
    expect(await digest()).toBe(first);
  }, 600_000);

  it('has no errors of lintian', () => {
    const tags = execFileSync('lintian', ['--fail-on', 'error', '--allow-root', built], {
      encoding: 'utf8',
    });
    expect(tags).not.toMatch(/^E:/m);
  }, 600_000);

  it("serves after the seed's steps, as they are written", async () => {
    await publish(1);
    await machine.run('sudo apt-get install -qy findface-extraction-api');
    // Nothing runs before it is configured. In place of vi:
    expect(await machine.run('systemctl is-active phiz', { failing: true })).toBe('inactive\n');
    await machine.run(
      "sed -i 's/^quality_estimator:.*/quality_estimator: true/' /etc/findface-extraction-api.ini",
    );
    await machine.run(
      'sudo systemctl enable findface-extraction-api && sudo systemctl start findface-extraction-api',
    );
    await machine.run(
      'curl -sS --retry 60 --retry-delay 1 --retry-all-errors --fail http://127.0.0.1:18666/ready',
    );
    const text = await machine.run(
      `curl -sS -X POST -F sample=@/root/sample.jpg -F 'request={"requests":[{"image":"multipart:sample","detector":"nnd", "need_gender":true, "need_normalized": true, "need_facen": true}]}' http://127.0.0.1:18666/`,
    );
    const [response] = (JSON.parse(text) as { responses: { faces: Record<string, unknown>[] }[] }).responses;
    expect(response!.faces).toHaveLength(3);
    for (const face of response!.faces) {
      expect(Object.keys(face).sort()).toEqual(['bbox', 'detection_score', 'facen', 'gender', 'normalized']);
      // The quality estimator, as it was configured: around 0 and below, where confidences are above.
      expect(face.detection_score).toBeLessThan(0.2);
    }
    expect(await machine.run('service findface-extraction-api status')).toContain('active (running)');
  }, 600_000);

  it('is one service under both names, without root', async () => {
    expect(await machine.run('systemctl is-enabled phiz')).toBe('enabled\n');
    expect(await machine.run('systemctl show -P Id findface-extraction-api')).toBe('phiz.service\n');
    expect(await machine.run(`stat -c %u /proc/${await pid()}`)).not.toBe('0\n');
  });

  it('has a manual page and completions', async () => {
    expect(await machine.run('zcat /usr/share/man/man1/phiz.1.gz')).toContain('.SS serve');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
    const complete = 'COMP_WORDS=(phiz mod) COMP_CWORD=1; _phiz; echo ${COMPREPLY[@]}';
    expect(await machine.run(`bash -c '. /usr/share/bash-completion/completions/phiz; ${complete}'`)).toBe(
      'models\n',
    );
  });

  it('restarts the service on an upgrade and keeps the configuration', async () => {
    const before = await pid();
    await publish(2);
    await machine.run('apt-get install -qy phiz');
    expect(await pid()).not.toBe(before);
    await machine.run(
      'curl -sS --retry 60 --retry-delay 1 --retry-all-errors --fail http://127.0.0.1:18666/ready',
    );
    expect(await machine.run('cat /etc/findface-extraction-api.ini')).toMatch(/^quality_estimator: true/m);
  }, 600_000);

  it('leaves the old service at work where the configuration is broken, and says which line', async () => {
    const before = await pid();
    await machine.run("sed -i 's/^max_dimension:.*/max_dimension: huge/' /etc/findface-extraction-api.ini");
    await publish(3);
    const said = await machine.run('apt-get install -qy phiz');
    expect(said).toMatch(/findface-extraction-api\.ini:\d+: max_dimension/);
    expect(await pid()).toBe(before);
    // Restarted all the same, it does not come up, does not try for ever, and its status has the line.
    await machine.run('systemctl restart phiz; sleep 3');
    const status = await machine.run('systemctl status --no-pager phiz', { failing: true });
    expect(status).toMatch(/findface-extraction-api\.ini:\d+: max_dimension/);
    expect(await machine.run('systemctl show -P NRestarts phiz')).toBe('0\n');
  }, 600_000);

  it('keeps the configuration on removal, and nothing after a purge', async () => {
    await machine.run('apt-get remove -qy phiz');
    expect(
      await machine.run('ls /etc/findface-extraction-api.ini /usr/bin/phiz', { failing: true }),
    ).toContain('/etc/findface-extraction-api.ini\n');
    await machine.run('apt-get purge -qy phiz');
    const left = await machine.run(
      'systemctl daemon-reload; find / -xdev \\( -iname "*phiz*" -o -iname "*findface*" \\) -not -path "/proc/*" -not -path "/srv/*" -not -path "/sys/*"',
    );
    expect(left).toBe('');
  }, 120_000);
});
