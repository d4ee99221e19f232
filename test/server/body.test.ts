import { expect, it, vi } from 'vitest';
import { PhizError } from '../../src/errors.ts';
import type { Arrival } from '../../src/pool/arrivals.ts';
import { readBody } from '../../src/server/body.ts';

/** A request whose body comes in these parts, and then no more without ending. */
function slowRequest(parts: readonly string[], onCancel: () => void = () => {}): Request {
  const left = [...parts];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = left.shift();
      if (part === undefined) return new Promise(() => {});
      controller.enqueue(new TextEncoder().encode(part));
    },
    cancel: onCancel,
  });
  return new Request('http://localhost/', { method: 'POST', body, duplex: 'half' } as RequestInit);
}

/** Counts what it is told of. */
function tally(most = Number.POSITIVE_INFINITY): Arrival & { bytes: number } {
  return {
    bytes: 0,
    grow(more) {
      this.bytes += more;
      if (this.bytes > most) throw new PhizError('OVERLOADED', 'full');
    },
    end() {},
  };
}

it('gives a client up when its time is over, and stops reading', async () => {
  let cancelled = false;
  const request = slowRequest(['a', 'b'], () => {
    cancelled = true;
  });
  const arrival = tally();
  const reading = readBody(request, { size: 100, signal: AbortSignal.timeout(30), arrival });
  await expect(reading).rejects.toThrow(DOMException);
  expect(arrival.bytes).toBe(2);
  expect(cancelled).toBe(true);
});

it('gives a client up that sends too slowly', async () => {
  vi.useFakeTimers();
  try {
    const { signal } = new AbortController();
    const reading = readBody(slowRequest(['a', 'b']), { size: 100, signal });
    const refused = expect(reading).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
  } finally {
    vi.useRealTimers();
  }
});

it('takes memory for what comes, whatever is declared', async () => {
  const request = slowRequest(['abc']);
  request.headers.set('Content-Length', '1000000');
  const arrival = tally();
  const reading = readBody(request, { size: 1_000_000, signal: AbortSignal.timeout(30), arrival });
  await expect(reading).rejects.toThrow();
  expect(arrival.bytes).toBe(3);
});

it('takes memory for all that is declared when a quarter of it has come', async () => {
  const request = slowRequest(['a'.repeat(10), 'b'.repeat(15)]);
  request.headers.set('Content-Length', '100');
  const arrival = tally();
  const reading = readBody(request, { size: 1_000_000, signal: AbortSignal.timeout(30), arrival });
  await expect(reading).rejects.toThrow();
  expect(arrival.bytes).toBe(100);
});

it('ends when there is no room for what comes', async () => {
  const { signal } = new AbortController();
  const reading = readBody(slowRequest(['abc', 'def']), { size: 100, signal, arrival: tally(5) });
  await expect(reading).rejects.toMatchObject({ code: 'OVERLOADED' });
});
