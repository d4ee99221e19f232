import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../bulk/nats-server.ts';
import { faceCounts, pathOf } from '../contract/samples.ts';
import { commandLines } from './runtimes.ts';

let nats: NatsServer;
let folder: string;
beforeAll(async () => {
  nats = await startNatsServer();
  folder = await mkdtemp(join(tmpdir(), 'phiz-bulk-'));
});
afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true });
});

const kinds = commandLines(inject('bare'), inject('alone'));

describe.each(kinds)('bulk on %s', (name, [program, ...args]) => {
  it('puts pictures in, works on them and collects the answers, which it finds again', async () => {
    const queue = `q${kinds.findIndex(([other]) => other === name)}`;
    // The command line may write, as in deno.json.
    const writing = args.flatMap((arg) =>
      arg === '--allow-read' ? ['--allow-read', '--allow-write'] : [arg],
    );
    const command = (...more: string[]) => [...writing, ...more, '--nats', nats.url, '--queue', queue];
    const phiz = (...more: string[]) => promisify(execFile)(program, command(...more), { cwd: folder });
    const out = join(folder, `${queue}.ndjson`);
    // Each queue of this server reserves its room.
    await phiz('work', '--setup', '--bytes', '10000000');
    await phiz('submit', pathOf('sample1.jpg'), '--need', 'age');
    const worker = spawn(program, command('work', '--set', 'model_instances=1'), { stdio: 'ignore' });
    try {
      await phiz('collect', '--out', out);
      const lines = (await readFile(out, 'utf8')).trimEnd().split('\n');
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0]!)).toMatchObject({
        file: pathOf('sample1.jpg'),
        faces: { length: faceCounts['sample1.jpg'] },
      });
      expect((await phiz('submit', pathOf('sample1.jpg'), '--need', 'age')).stderr).toContain(
        '1 done before',
      );
      worker.kill('SIGTERM');
      const code = await new Promise((resolve) => worker.once('exit', resolve));
      expect(code).toBe(0);
    } finally {
      worker.kill('SIGKILL');
    }
  });
});
