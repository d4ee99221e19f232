import { PhizError } from '../errors.ts';
import type { Arrival } from '../pool/arrivals.ts';
import { BoundedBytes } from './bounded-bytes.ts';
import { untilAborted } from './deadline.ts';

/** A body that comes in parts. */
export interface BodyParts {
  /** The next part; undefined after the last. Rejects where the body breaks off. */
  next(): Promise<Uint8Array | undefined>;
  /** No more of it is asked for. */
  cancel(): void;
}

export interface BodyLimits {
  /** Bytes. */
  readonly size: number;
  /** Aborts when it is too late, or the client has left. */
  readonly signal: AbortSignal;
  /** Where what comes is counted. */
  readonly arrival?: Arrival | undefined;
  /** Where it comes from. Default: the request's own stream. */
  readonly parts?: BodyParts | undefined;
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
export async function readBody(
  request: Request,
  { size, signal, arrival, parts = partsOf(request) }: BodyLimits,
): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > size) throw tooLarge(size);

  const collected = new BoundedBytes(size, declared);
  let over = false;
  let missing = leastPace.bytes;
  const readAll = async (): Promise<Uint8Array> => {
    for (;;) {
      const part = await parts.next().catch((cause: unknown) => {
        throw new PhizError('BAD_REQUEST', 'the body broke off before its end', { cause });
      });
      if (!part || over) return collected.bytes;
      missing -= part.length;
      arrival?.grow(collected.growth(part.length));
      if (!(await collected.add(part))) throw tooLarge(size);
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
  } finally {
    over = true;
    parts.cancel();
    clearInterval(timer);
  }
}

/** The parts of a request's own stream. */
function partsOf({ body }: Request): BodyParts {
  const reader = body?.getReader();
  return {
    next: async () => (await reader?.read())?.value,
    cancel: () => void reader?.cancel().catch(() => undefined),
  };
}

function tooLarge(size: number): PhizError {
  return new PhizError('BODY_TOO_LARGE', `expected a body of at most ${size} bytes`);
}
