import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Arrivals } from '../../src/pool/arrivals.ts';

const overloaded = expect.objectContaining({ code: 'OVERLOADED' });

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Something that comes, and whether it had to make room. */
function begin(arrivals: Arrivals, client?: string) {
  const state = { cut: false };
  const arrival = arrivals.begin(client === undefined ? {} : { client }, () => {
    state.cut = true;
  });
  return { arrival, state };
}

describe('what is coming', () => {
  it('makes room when it has held most for longest', () => {
    const arrivals = new Arrivals(100);
    const stalled = begin(arrivals);
    stalled.arrival.grow(60);
    vi.advanceTimersByTime(1_000);
    const swift = begin(arrivals);
    swift.arrival.grow(40);
    vi.advanceTimersByTime(10);
    const newcomer = begin(arrivals);
    newcomer.arrival.grow(30);
    expect([stalled.state.cut, swift.state.cut, arrivals.bytes]).toEqual([true, false, 70]);
    for (const { arrival } of [swift, newcomer]) arrival.end();
    expect(arrivals.bytes).toBe(0);
  });

  it('makes room for others when it is of the client that holds most, however little itself', () => {
    const arrivals = new Arrivals(100);
    const flood = Array.from({ length: 30 }, () => begin(arrivals, 'flood'));
    for (const { arrival } of flood) arrival.grow(2);
    const single = begin(arrivals, 'single');
    single.arrival.grow(40);
    vi.advanceTimersByTime(1_000);
    single.arrival.grow(20);
    expect(single.state.cut).toBe(false);
    expect(flood.filter(({ state }) => state.cut)).toHaveLength(10);
  });

  it('is refused where it would have to make room for itself', () => {
    const arrivals = new Arrivals(100);
    const { arrival } = begin(arrivals);
    arrival.grow(90);
    vi.advanceTimersByTime(1);
    expect(() => arrival.grow(20)).toThrow(overloaded);
    expect(() => begin(new Arrivals(100)).arrival.grow(101)).toThrow(overloaded);
  });
});
