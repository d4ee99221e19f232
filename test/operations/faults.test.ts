import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { startEngine } from '../../src/create-engine.ts';
import type { Platform, Thread } from '../../src/platform.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { faceCounts, read } from '../contract/samples.ts';

/** Real threads with real networks, which the test can stop from outside as a crash would. */
const threads = new Set<Thread>();
const platform: Platform = {
  ...nodePlatform,
  startThread() {
    const thread = nodePlatform.startThread!();
    threads.add(thread);
    thread.onExit(() => threads.delete(thread));
    return thread;
  },
};

let engine: Pool;
beforeAll(async () => {
  engine = startEngine(platform, { instances: 2, queue: 100 });
  await engine.ready;
});
afterAll(() => engine.close());

describe('instances that die under load', () => {
  it('are replaced, and every picture that was accepted is answered', async () => {
    const names = ['sample1.jpg', 'sample6.jpg'] as const;
    const pictures = await Promise.all(names.map(read));
    let answered = 0;
    const answers = Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const request = { attributes: ['embedding', 'age'] as const };
        const [outcome] = await engine.extractAll(pictures[index % 2]!, [request]);
        answered++;
        return outcome!;
      }),
    );
    // One thread dies after every fourth answer, whatever it is doing.
    for (const due of [1, 5, 9]) {
      while (answered < due) await new Promise((resolve) => setTimeout(resolve, 5));
      const [victim] = threads;
      await victim!.stop();
    }
    for (const [index, outcome] of (await answers).entries()) {
      // A picture that lost two instances in a row may say so; nothing else is lost.
      if (!outcome.ok) expect(outcome.error.code).toBe('INTERNAL');
      else expect(outcome.value.faces).toHaveLength(faceCounts[names[index % 2]!]);
    }
    expect(engine.status.replaced).toBe(3);
    expect(engine.status.calls).toBe(0);
    const { faces } = await engine.extract(pictures[0]!);
    expect(faces).toHaveLength(faceCounts['sample1.jpg']);
  });
});
