import { PhizError } from '../errors.ts';
import type { Arrival } from '../pool/arrivals.ts';
import { BoundedBytes } from './bounded-bytes.ts';
import { untilAborted } from './deadline.ts';

export interface BodyLimits {
  /** Bytes. */
  readonly size: number;
  /** Aborts when it is too late, or the client has left. */
  readonly signal: AbortSignal;
  /** Where what comes is counted. */
  readonly arrival?: Arrival | undefined;
}

/** The slowest pace at which a body may come: a slower one keeps a connection and memory for nothing. */
const leastPace = { bytes: 5_120, milliseconds: 5_000 };

/**
 * The whole body of a request, which is refused as soon as it is known to be over the limit:
 * nothing beyond the limit is kept, and a declared length over it is not read at all. What comes
 * after a refusal is the server's to drain, so that the client is not cut off before its answer.
 *
 * @throws PhizError BODY_TOO_LARGE; OVERLOADED; BAD_REQUEST where the body breaks off or comes too
 * slowly; the reason of `signal`.
 */
export async function readBody(request: Request, { size, signal, arrival }: BodyLimits): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > size) throw tooLarge(size);
  if (!request.body) return new Uint8Array(0);

  const collected = new BoundedBytes(size);
  const reader = request.body.getReader();
  let over = false;
  let missing = leastPace.bytes;
  const readAll = async (): Promise<Uint8Array> => {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new PhizError('BAD_REQUEST', 'the body broke off before its end', { cause });
      });
      if (done || over) return collected.bytes;
      missing -= value.length;
      arrival?.grow(collected.growth(value.length));
      if (!(await collected.add(value))) throw tooLarge(size);
    }
  };
  const { bytes, milliseconds } = leastPace;
  let timer: ReturnType<typeof setInterval> | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const reason = `expected ${bytes} bytes of the body every ${milliseconds} ms`;
      if (missing > 0) reject(new PhizError('BAD_REQUEST', reason));
      missing = bytes;
    }, milliseconds);
  });
  try {
    return await untilAborted(signal, () => Promise.race([readAll(), tooSlow]));
  } catch (error) {
    reader.cancel().catch(() => undefined);
    throw error;
  } finally {
    over = true;
    clearInterval(timer);
  }
}

function tooLarge(size: number): PhizError {
  return new PhizError('BODY_TOO_LARGE', `expected a body of at most ${size} bytes`);
}
