import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { configTemplate } from '../../src/config/describe-config.ts';
import { commandLines } from './runtimes.ts';

describe.each(commandLines(inject('bare'), inject('alone')))('%s', (_, [program, ...args]) => {
  const phiz = (given: readonly string[], variables = {}) =>
    promisify(execFile)(program, [...args, ...given], {
      env: { ...process.env, ...variables },
      // One that serves where it should not would outlive the test.
      timeout: 60_000,
    });

  it("takes the vendor's flags", async () => {
    expect((await phiz(['-config-template'])).stdout).toBe(configTemplate());
  });

  it('takes settings from the environment', async () => {
    await expect(phiz(['-quality-estimator'], { CFG_LISTEN: 'nowhere' })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('phiz: CFG_LISTEN: expected an address'),
    });
  });

  it('says in one line why it cannot listen, and leaves a file that is no socket alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'phiz-listen-'));
    const file = join(folder, 'notes.txt');
    await writeFile(file, 'mine');
    for (const [address, reason] of [
      ['no-such-name.invalid:0', 'the name has no address'],
      [`unix:${file}`, 'what is there is no socket. Choose another path'],
    ] as const)
      await expect(phiz(['serve', '--listen', address])).rejects.toMatchObject({
        code: 1,
        stderr: `phiz: cannot listen on ${address}: ${reason}\n`,
      });
    expect(await readFile(file, 'utf8')).toBe('mine');
    await rm(folder, { recursive: true });
  });

  it('waits for who reads slowly: more than a pipe holds arrives whole', async () => {
    const slowly = ['-c', '"$@" licenses | { sleep 3; cat; }', 'sh', program, ...args];
    const { stdout } = await promisify(execFile)('sh', slowly);
    expect(stdout.length).toBeGreaterThan(100_000);
    expect(stdout).toBe((await phiz(['licenses'])).stdout);
  });
});
