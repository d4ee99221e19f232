import { expect, it } from 'vitest';
import { PhizError } from '../../src/errors.ts';
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

it('gives a client up that sends no more, and stops reading', async () => {
  let cancelled = false;
  const request = slowRequest(['a', 'b'], () => {
    cancelled = true;
  });
  let bytes = 0;
  const count = (more: number) => {
    bytes += more;
  };
  const reading = readBody(request, { size: 100, timeout: 30 }, count);
  await expect(reading).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(bytes).toBe(2);
  expect(cancelled).toBe(true);
});

it('ends when there is no room for what comes', async () => {
  const refusal = new PhizError('OVERLOADED', 'full');
  const reading = readBody(slowRequest(['abc', 'def']), { size: 100, timeout: 60_000 }, () => {
    throw refusal;
  });
  await expect(reading).rejects.toBe(refusal);
});
