import type { TextSink } from './host.ts';

const barWidth = 24;

/** Milliseconds between two drawings. */
const drawInterval = 100;

/** A progress bar on a terminal; silent in a pipe. */
export interface Progress {
  /** One more is done. */
  advance(): void;
  /** Removes the bar, so that what is written next starts on a clean line. */
  clear(): void;
}

/** @param label what is counted, in the plural: `pictures` */
export function createProgress(sink: TextSink, total: number, label: string): Progress {
  if (sink.columns === undefined) return { advance() {}, clear() {} };
  const start = performance.now();
  let done = 0;
  let drawn = 0;
  return {
    advance() {
      done++;
      const now = performance.now();
      if (now - drawn < drawInterval && done < total) return;
      drawn = now;
      const filled = Math.round((done / total) * barWidth);
      const secondsLeft = ((now - start) / done / 1000) * (total - done);
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
      sink.write(`\r\x1b[K${bar} ${done}/${total} ${label}, ${formatSeconds(secondsLeft)} left`);
    },
    clear() {
      if (drawn > 0) sink.write('\r\x1b[K');
    },
  };
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
