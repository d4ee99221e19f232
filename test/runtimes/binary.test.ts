import { execFile, execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { faceCounts, pathOf } from '../contract/samples.ts';
import { startProcess } from '../contract/start-process.ts';
import { singleFile } from './runtimes.ts';

const run = promisify(execFile);

/** Runs a command with no network but a loopback of its own. */
const cutOff: readonly [string, ...string[]] = [
  'unshare',
  '--map-root-user',
  '--net',
  ...['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
];
const canBeCutOff = succeeds(...cutOff, 'true');

// That it answers all that the others do: see contract.test.ts and agreement.test.ts.
describe(`the single file, alone in a folder, ${canBeCutOff ? 'cut off from the network' : 'with a network, which cannot be cut off here'}`, () => {
  const [phiz] = singleFile(inject('alone'));
  const cwd = dirname(phiz);
  const command = (...line: string[]) => (canBeCutOff ? [...cutOff, ...line] : line) as [string, ...string[]];

  it('says its version and extracts, with no environment', async () => {
    // Another test installs a decoder of HEIC beside it.
    const beside = async () => (await readdir(cwd)).filter((file) => file !== 'node_modules');
    const files = await beside();
    expect(files).toHaveLength(1);
    const phizOf = (...args: string[]) => {
      const [program, ...rest] = command('env', '-i', phiz, ...args);
      return run(program, rest, { cwd });
    };
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect((await phizOf('--version')).stdout.trim()).toBe(version);
    const { stdout } = await phizOf('extract', pathOf('sample1.jpg'), '--need', 'age');
    expect((JSON.parse(stdout) as { faces: unknown[] }).faces).toHaveLength(faceCounts['sample1.jpg']);
    expect(await beside()).toEqual(files);
  });

  it('serves', async () => {
    const server = await startProcess(...command(phiz))('model_instances: 1\n');
    const beside = (program: string, ...args: string[]) =>
      canBeCutOff
        ? run('nsenter', ['--target', `${server.pid}`, '--user', '--net', '--', program, ...args])
        : run(program, args);
    try {
      if (canBeCutOff) expect((await beside('ip', 'route')).stdout).toBe('');
      const request = JSON.stringify({ requests: [{ image: 'multipart:a', need_age: true }] });
      const parts = [`a=@${pathOf('sample1.jpg')}`, `request=${request}`].flatMap((part) => ['-F', part]);
      const { responses } = JSON.parse((await beside('curl', '-s', ...parts, server.url)).stdout);
      expect(responses[0].faces).toHaveLength(faceCounts['sample1.jpg']);
    } finally {
      expect(await server.stop()).toBe(0);
    }
  });
});

function succeeds(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
