/**
 * Preloaded into a service under Node (`--import ./bench/load/main-thread.mjs?FILE`): appends to the file
 * when and for how many milliseconds of processor time its main thread worked without a turn of its event
 * loop. Unlike a delay by the clock, that has nothing of what else the machine does. Linux only.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Milliseconds between two looks, and those of a run that is worth a line. */
const period = 5;
const noted = 20;

const file = new URL(import.meta.url).search.slice(1);

/** Milliseconds that this thread was at work, by the kernel's scheduler. */
function worked() {
  const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

if (isMainThread) {
  let last = worked();
  setInterval(() => {
    const run = worked() - last;
    if (run >= noted) appendFileSync(file, `${Date.now()} ${run.toFixed(1)}\n`);
    last = worked();
  }, period).unref();
}
