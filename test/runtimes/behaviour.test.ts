import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { type Runtime, runtimes } from './runtimes.ts';

async function probe({ command: [program, ...args] }: Runtime, experiment: string): Promise<unknown> {
  const script = join(inject('bare'), 'probe/probe.js');
  const { stdout } = await promisify(execFile)(program, [...args, script, experiment]);
  return JSON.parse(stdout);
}

describe.each(runtimes.map((runtime) => [runtime.name, runtime] as const))('%s', (_, runtime) => {
  it('connects to the address that was checked, and to no other', async () => {
    expect(await probe(runtime, 'lookup')).toEqual({
      rebinding: 'open',
      asked: 1,
      mixed: expect.stringMatching(/^(?!.*127\.0\.0\.2).*is not a public address/),
      literal: expect.stringContaining('is not a public address'),
      mapped: expect.stringContaining('is not a public address'),
    });
  });

  it('hangs up on slow clients, hears of those that left, and answers what it accepted', async () => {
    expect(await probe(runtime, 'clients')).toEqual({
      silent: 408,
      drippingHeaders: 408,
      drippingBody: 408,
      swift: 200,
      goneBefore: 1,
      // Bun's server has no way to find out about a client that only closed its own direction.
      gone: runtime.name === 'Bun' ? 1 : 2,
      stopped: true,
    });
  });

  it('replaces threads that crash, throw or hang', async () => {
    expect(await probe(runtime, 'threads')).toEqual({
      crash: { faces: 2, replaced: 1 },
      throw: { faces: 2, replaced: 1 },
      loop: { faces: 2, replaced: 1 },
    });
  });
});
