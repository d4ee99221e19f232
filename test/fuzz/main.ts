import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { createRandom } from '../../bench/accuracy/random.ts';
import { positive } from '../../bench/arguments.ts';
import { startProcess } from '../contract/start-process.ts';
import { fuzz } from './fuzz.ts';

await new Command('fuzz')
  .description('Sends a real server damaged pictures and bodies, and fails on any crash, hang or 500.')
  .option('--seconds <number>', 'how long', positive, 60)
  .option('--seed <number>', 'the same seed sends the same bodies', positive, 1)
  .action(run)
  .parseAsync();

async function run({ seconds, seed }: { seconds: number; seed: number }): Promise<void> {
  const server = await startProcess(process.execPath, 'dist/node/main.js')('max_dimension: 2000\n');
  const end = performance.now() + seconds * 1_000;
  let calls = 0;
  const findings = await fuzz(server.url, createRandom(seed), () => {
    calls++;
    const left = Math.ceil((end - performance.now()) / 1_000);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${calls} calls, ${left} s left`);
    return left > 0;
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  await server.stop();
  for (const { what, body } of findings) {
    const file = join(await mkdtemp(join(tmpdir(), 'phiz-fuzz-')), 'body.bin');
    await writeFile(file, body);
    console.error(`call ${calls} of seed ${seed}: ${what}\nits body: ${file}`);
    process.exitCode = 1;
  }
  if (findings.length === 0) console.log(`${calls - 1} calls in ${seconds} s: no crash, no hang, no 500`);
}
