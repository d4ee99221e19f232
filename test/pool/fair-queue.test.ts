import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue, type Owner } from '../../src/pool/fair-queue.ts';

const anyRank = () => 0;

/** Serves a queue for some time: each piece takes as long as `costOf` says. */
function serve<Item extends { owner: Owner }>(
  queue: FairQueue<Item>,
  milliseconds: number,
  costOf: (item: Item) => number,
): Item[] {
  const served: Item[] = [];
  for (let time = 0; time < milliseconds; ) {
    const item = queue.take(anyRank);
    if (!item) break;
    served.push(item);
    queue.charge(item.owner, costOf(item));
    time += costOf(item);
  }
  return served;
}

describe('fair queue', () => {
  it('keeps the order of those that are small, and of what each has', () => {
    const queue = new FairQueue<{ owner: Owner; name: string }>();
    const [first, second] = [{}, {}];
    queue.push(first, { owner: first, name: '1a' });
    queue.push(second, { owner: second, name: '2a' });
    queue.push(first, { owner: first, name: '1b' });
    const names = serve(queue, 1_000, () => 10).map(({ name }) => name);
    expect(names).toEqual(['1a', '1b', '2a']);
    expect(queue.length).toBe(0);
  });

  it('takes first what ranks first, of whoever has something for the taker', () => {
    const queue = new FairQueue<{ rank: number }>();
    const [first, second] = [{}, {}];
    for (const rank of [Number.POSITIVE_INFINITY, 2, 1]) queue.push(first, { rank });
    queue.push(second, { rank: 0 });
    const ranks = Array.from({ length: 4 }, () => queue.take(({ rank }) => rank)?.rank);
    expect(ranks).toEqual([1, 2, 0, undefined]);
    expect(queue.length).toBe(1);
  });

  it('removes what waits, and says whether it did', () => {
    const queue = new FairQueue<object>();
    const [owner, item] = [{}, {}];
    queue.push(owner, item);
    expect(queue.remove(owner, {})).toBe(false);
    expect(queue.remove(owner, item)).toBe(true);
    expect(queue.remove(owner, item)).toBe(false);
    expect(queue.length).toBe(0);
    expect(queue.take(anyRank)).toBeUndefined();
  });

  it('serves a newcomer after the piece that is at work, however many heavy calls there are', () => {
    const queue = new FairQueue<{ owner: Owner }>();
    const heavy = Array.from({ length: 50 }, () => ({}));
    for (const owner of heavy) for (let i = 0; i < 20; i++) queue.push(owner, { owner });
    serve(queue, 100_000, () => 500);
    const owner = {};
    queue.push(owner, { owner });
    expect(queue.take(anyRank)?.owner).toBe(owner);
  });

  it('lets clients take turns, however many calls one of them has', () => {
    const queue = new FairQueue<{ owner: Owner }>();
    const flood = Array.from({ length: 50 }, () => ({ client: 'flood' }));
    for (const owner of flood) for (let i = 0; i < 20; i++) queue.push(owner, { owner });
    const single = { client: 'single' };
    for (let i = 0; i < 100; i++) queue.push(single, { owner: single });
    const served = serve(queue, 40_000, () => 500);
    const share = served.filter(({ owner }) => owner.client === 'single').length / served.length;
    expect(share).toBeCloseTo(0.5, 1);
  });

  it('forgets those who left, but not what they had more than others', () => {
    const queue = new FairQueue<{ owner: Owner }>();
    const waiting = { client: 'waiting' };
    const greedy = { client: 'greedy' };
    for (const owner of [waiting, greedy]) queue.push(owner, { owner });
    queue.take(({ owner }) => (owner === greedy ? 0 : Number.POSITIVE_INFINITY));
    queue.charge(greedy, 5_000);
    queue.leave(greedy);
    const again = { client: 'greedy' };
    queue.push(again, { owner: again });
    expect(queue.take(anyRank)?.owner).toBe(waiting);
  });

  it('gives heavy calls the same time while they wait, whatever their pieces take', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 50, max: 500 }), { minLength: 2, maxLength: 5 }), (costs) => {
        const queue = new FairQueue<{ owner: Owner; cost: number }>();
        const owners = costs.map(() => ({}));
        costs.forEach((cost, index) => {
          const owner = owners[index]!;
          for (let i = 0; i < 1_000; i++) queue.push(owner, { owner, cost });
        });
        const served = serve(queue, 20_000, ({ cost }) => cost);
        const times = owners.map((own) =>
          served.filter(({ owner }) => owner === own).reduce((sum, { cost }) => sum + cost, 0),
        );
        // Pieces cannot be divided, and two come ahead of turns.
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(3 * 500);
      }),
    );
  });

  it('serves all: a stream of newcomers does not keep a heavy call waiting for ever', () => {
    const queue = new FairQueue<{ owner: Owner }>();
    const heavy = {};
    for (let i = 0; i < 100; i++) queue.push(heavy, { owner: heavy });
    let served = 0;
    for (let time = 0; time < 20_000; ) {
      const owner = {};
      queue.push(owner, { owner });
      const next = queue.take(anyRank)!;
      const cost = next.owner === heavy ? 200 : 50;
      queue.charge(next.owner, cost);
      if (next.owner === heavy) served += cost;
      time += cost;
    }
    expect(served).toBeGreaterThan(1_000);
  });
});
