import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { Command } from 'commander';
import sharp from 'sharp';
import { createProgress } from '../../src/cli/progress.ts';
import { mean } from '../accuracy/metrics.ts';
import { wholeAboveZero } from '../arguments.ts';
import { type Call, multipartCall } from '../http.ts';
import { terminal } from '../terminal.ts';
import { closedLoop } from './client.ts';
import { everything, memoryOf, startServer } from './server.ts';

/** Readings of memory over a run. */
const readings = 40;

/** Of the whole run: what warms up in the first part is no growth. */
const warmUp = 0.25;

/** Growth of the mean from the second quarter of the run to the last that is called growth. */
const tolerated = 0.05;

const bars = '▁▂▃▄▅▆▇█';

interface Flags {
  readonly requests: number;
  readonly json?: string;
}

await new Command('soak')
  .description(
    'Sends a service of one instance many requests and shows its memory over them. Fails where memory ' +
      'grows after the first quarter, or a request is not answered.',
  )
  .option('--requests <number>', 'how many', wholeAboveZero, 20_000)
  .option('--json <file>', 'write the readings there')
  .action(run)
  .parseAsync();

async function run({ requests, json }: Flags): Promise<void> {
  const calls = await variedCalls();
  const server = await startServer('model_instances: 1\nticker_interval: 0\n');
  const progress = createProgress(terminal, readings, 'readings of memory');
  const memory: number[] = [];
  let unanswered = 0;
  try {
    for (let reading = 0; reading < readings; reading++) {
      for (const call of calls) {
        let left = Math.ceil(requests / readings / calls.length);
        const { failed, refused } = await closedLoop(server.url, call, 2, () => left-- > 0);
        unanswered += failed + refused;
      }
      memory.push(await memoryOf(server.url));
      progress.advance();
    }
  } finally {
    progress.clear();
    await server.stop();
  }

  const least = Math.min(...memory);
  const most = Math.max(...memory);
  const curve = memory.map(
    (bytes) => bars[Math.round(((bytes - least) / (most - least || 1)) * (bars.length - 1))],
  );
  const warm = memory.slice(Math.floor(warmUp * readings));
  const third = Math.floor(warm.length / 3);
  const growth = mean(warm.slice(-third)) / mean(warm.slice(0, third)) - 1;
  console.log(
    `memory over ${requests} requests, ${megabytes(least)} to ${megabytes(most)} MB\n${curve.join('')}`,
  );
  console.log(
    `growth after the first quarter: ${(100 * growth).toFixed(1)}%; ${unanswered} requests without an answer`,
  );
  if (json !== undefined)
    await writeFile(json, `${JSON.stringify({ requests, unanswered, memory, growth }, null, 2)}\n`);
  if (growth > tolerated || unanswered > 0) process.exitCode = 1;
}

/** Calls of several sizes and formats, small so that many can be made; one is no picture at all. */
async function variedCalls(): Promise<Call[]> {
  const face = await sharp('node_modules/@vladmandic/face-api/demo/sample6.jpg')
    .extract({ left: 600, top: 200, width: 420, height: 520 })
    .toBuffer();
  const picture = (width: number) => sharp(face).resize(width);
  return Promise.all([
    multipartCall(await picture(200).jpeg().toBuffer(), everything),
    multipartCall(await picture(200).jpeg({ progressive: true }).toBuffer(), {
      ...everything,
      detector: 'prenormalized',
    }),
    multipartCall(await picture(120).png().toBuffer(), { ...everything, detector: 'prenormalized' }),
    multipartCall(await picture(160).webp().toBuffer(), { need_normalized: true, detector: 'prenormalized' }),
    multipartCall(new TextEncoder().encode('no picture'), everything),
  ]);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
