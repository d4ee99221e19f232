import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { decimals, formatTable } from '../accuracy/table.ts';
import { type Job, timePasses } from './passes.ts';

/**
 * `npm run bench:threads`: whether idle cores are better used by threads inside a network or by more
 * instances of it. onnxruntime-web in float32, since our kernels have no threads of their own.
 */
const networks = { 'blazeface-any-size': 512, 'ssd-mobilenetv1': 112, 'face-recognition': 150 };
const seconds = 5;

if (isMainThread) await compare();
else parentPort!.postMessage(await timePasses(workerData));

async function compare(): Promise<void> {
  const cores = availableParallelism();
  const rows: string[][] = [];
  for (const [network, side] of Object.entries(networks)) {
    const job = { network, side, seconds };
    const alone = await measure(1, { ...job, threads: 1 });
    const threaded = await measure(1, { ...job, threads: cores });
    const instances = await measure(cores, { ...job, threads: 1 });
    rows.push([
      `${network}, ${side}×${side}`,
      ...[alone, threaded, instances].map(({ median }) => decimals(median, 1)),
      ...[threaded, instances].map(({ rate }) => `${decimals(rate / alone.rate, 2)}×`),
    ]);
  }
  console.log(
    formatTable(
      [
        'network',
        'one pass, ms',
        `in ${cores} threads`,
        `beside ${cores - 1} more`,
        `passes/s, ${cores} threads`,
        `${cores} instances`,
      ],
      rows,
    ),
  );
}

/** Passes a second of so many instances at work side by side, and the median milliseconds of one. */
async function measure(instances: number, job: Job): Promise<{ rate: number; median: number }> {
  const times = (await Promise.all(Array.from({ length: instances }, () => passesInThread(job)))).flat();
  return { rate: times.length / job.seconds, median: times.sort((a, b) => a - b)[times.length >> 1]! };
}

async function passesInThread(job: Job): Promise<number[]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  const [times] = await once(worker, 'message');
  await worker.terminate();
  return times;
}
