import type { Timings } from './extraction.ts';

type Stage = keyof Timings;

/** Sums up the milliseconds that each stage of the work took. */
export interface Stopwatch {
  /** Runs a piece of work and adds its time to a stage, or in equal shares to several that it serves. */
  time<Result>(stage: Stage | readonly Stage[], work: () => Promise<Result> | Result): Promise<Result>;
  readonly timings: Timings;
}

export function createStopwatch(): Stopwatch {
  const timings: { [stage in Stage]?: number } = {};
  return {
    timings,
    async time(stage, work) {
      const start = performance.now();
      try {
        return await work();
      } finally {
        const stages = typeof stage === 'string' ? [stage] : stage;
        const share = (performance.now() - start) / stages.length;
        for (const each of stages) timings[each] = (timings[each] ?? 0) + share;
      }
    },
  };
}
