import { Agent } from 'node:http';
import { type BenchAnswer, type HttpCall, post } from '../http.ts';

/** The outcomes of the calls of one run. */
export interface Outcomes {
  /** Wall time in seconds. */
  readonly seconds: number;
  /** Milliseconds from sending to the last byte of the answer, of each call answered with 200, rising. */
  readonly latencies: readonly number[];
  /** Calls refused with 503, and how many of these said when to come back. */
  readonly refused: number;
  readonly refusedWithRetryAfter: number;
  /** Calls that got another status, or no answer. */
  readonly failed: number;
}

/** As many clients as said, each sending its next call when the last one is answered. */
export async function closedLoop(
  url: string,
  call: HttpCall,
  clients: number,
  goesOn: () => boolean,
): Promise<Outcomes> {
  const tally = createTally();
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (goesOn()) await tally.count(post(url, agent, call));
    }),
  );
  agent.destroy();
  return tally.outcomes();
}

/** For {@link closedLoop}: until so much time has passed from now. */
export function during(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1_000;
  return () => performance.now() < end;
}

/** Calls sent at a steady rate, whether those before are answered or not. */
export async function openLoop(
  url: string,
  call: HttpCall,
  perSecond: number,
  seconds: number,
): Promise<Outcomes> {
  const tally = createTally();
  const agent = new Agent({ keepAlive: true });
  const start = performance.now();
  const pending: Promise<void>[] = [];
  const total = Math.round(perSecond * seconds);
  while (pending.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * perSecond) + 1);
    while (pending.length < due) pending.push(tally.count(post(url, agent, call)));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(pending);
  agent.destroy();
  return tally.outcomes();
}

function createTally() {
  const start = performance.now();
  const latencies: number[] = [];
  let refused = 0;
  let refusedWithRetryAfter = 0;
  let failed = 0;
  return {
    async count(answer: Promise<BenchAnswer>): Promise<void> {
      const sent = performance.now();
      try {
        const { status, retryAfter } = await answer;
        if (status === 200) latencies.push(performance.now() - sent);
        else if (status === 503) {
          refused++;
          if (retryAfter) refusedWithRetryAfter++;
        } else failed++;
      } catch {
        failed++;
      }
    },
    outcomes: (): Outcomes => ({
      seconds: (performance.now() - start) / 1_000,
      latencies: latencies.sort((a, b) => a - b),
      refused,
      refusedWithRetryAfter,
      failed,
    }),
  };
}

/** Calls answered with 200 in a second. */
export const throughput = ({ latencies, seconds }: Outcomes) => latencies.length / seconds;

/** @param share 0.5 for the median; NaN where nothing was answered */
export const quantile = ({ latencies }: Outcomes, share: number) =>
  latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN;
