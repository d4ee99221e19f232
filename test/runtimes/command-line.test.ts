import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
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
    const child = spawn(program, [...args, 'licenses'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await setTimeout(3_000);
    const read = await text(child.stdout);
    expect(read.length).toBeGreaterThan(100_000);
    expect(read).toBe((await phiz(['licenses'])).stdout);
    expect(await ended).toEqual([0, null]);
  });
});
