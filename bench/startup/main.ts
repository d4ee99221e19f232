import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { type CommandLine, commandLines } from '../../test/runtimes/runtimes.ts';

/**
 * `npm run bench:startup`: milliseconds from the start of the process to the address it listens on
 * and to its first answer, one instance and all attributes, on each runtime; the best of some runs.
 */
const runs = 5;
const photograph = await readFile('node_modules/@vladmandic/face-api/demo/sample1.jpg');

interface Times {
  readonly listening: number;
  readonly answered: number;
}

async function start([program, ...args]: CommandLine): Promise<Times> {
  const begun = performance.now();
  const settings = ['model_instances=1', 'log_level=error'].flatMap((setting) => ['--set', setting]);
  const flags = ['serve', '--listen', '127.0.0.1:0', ...settings];
  const child = spawn(program, [...args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (data) => {
        output += data;
        const found = /listens on (http:\S+)/.exec(output);
        if (found) resolve(found[1]!);
      });
      void ended.then(() => reject(new Error(`${program} ended before it listened`)));
    });
    const listening = performance.now() - begun;
    const form = new FormData();
    form.set('a', new Blob([photograph]), 'a.jpg');
    const wanted = { need_facen: true, need_age: true, need_gender: true, need_emotions: true };
    form.set('request', JSON.stringify({ requests: [{ image: 'multipart:a', ...wanted }] }));
    const answer = await fetch(url, { method: 'POST', body: form });
    const { responses } = (await answer.json()) as { responses: [{ faces: unknown[] }] };
    if (responses[0].faces.length === 0) throw new Error('expected faces in the first answer');
    return { listening, answered: performance.now() - begun };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

process.stdout.write('| runtime | listens after, ms | first answer after, ms |\n| --- | ---: | ---: |\n');
for (const [name, commandLine] of commandLines('dist', 'dist/bin')) {
  if (!existsSync(commandLine.at(-1)!)) continue;
  const times: Times[] = [];
  for (let run = 0; run < runs; run++) times.push(await start(commandLine));
  const best = (of: keyof Times) => Math.round(Math.min(...times.map((each) => each[of])));
  process.stdout.write(`| ${name} | ${best('listening')} | ${best('answered')} |\n`);
}
