import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { configTemplate } from '../../src/config/describe-config.ts';
import { commandLines } from './runtimes.ts';

describe.each(commandLines(inject('bare'), inject('alone')))('%s', (_, [program, ...args]) => {
  const phiz = (given: readonly string[], variables = {}) =>
    promisify(execFile)(program, [...args, ...given], { env: { ...process.env, ...variables } });

  it("takes the vendor's flags", async () => {
    expect((await phiz(['-config-template'])).stdout).toBe(configTemplate());
  });

  it('takes settings from the environment', async () => {
    await expect(phiz(['-quality-estimator'], { CFG_LISTEN: 'nowhere' })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('phiz: CFG_LISTEN: expected an address'),
    });
  });

  it('waits for who reads slowly: more than a pipe holds arrives whole', async () => {
    const slowly = ['-c', '"$@" licenses | { sleep 3; cat; }', 'sh', program, ...args];
    const { stdout } = await promisify(execFile)('sh', slowly);
    expect(stdout.length).toBeGreaterThan(100_000);
    expect(stdout).toBe((await phiz(['licenses'])).stdout);
  });
});
