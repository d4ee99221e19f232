import { PhizError } from '../errors.ts';
import { BoundedBytes } from './bounded-bytes.ts';
import { withDeadline } from './deadline.ts';

export interface BodyLimits {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds for all of it to arrive. */
  readonly timeout: number;
}

/**
 * The whole body of a request, which is refused as soon as it is known to be over the limit:
 * nothing beyond the limit is kept, and a declared length over it is not read at all. What comes
 * after a refusal is the server's to drain, so that the client is not cut off before its answer.
 *
 * @param onBytes told of the length of each part; what it throws ends the reading
 * @throws PhizError BODY_TOO_LARGE; BAD_REQUEST where the body breaks off or comes too slowly.
 */
export async function readBody(
  request: Request,
  { size, timeout }: BodyLimits,
  onBytes: (count: number) => void = () => {},
): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > size) throw tooLarge(size);
  if (!request.body) return new Uint8Array(0);

  const collected = new BoundedBytes(size, declared || undefined);
  const reader = request.body.getReader();
  const late = new PhizError('BAD_REQUEST', `expected the whole body within ${timeout} ms`);
  try {
    return await withDeadline(request.signal, timeout, late, async () => {
      for (;;) {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw new PhizError('BAD_REQUEST', 'the body broke off before its end', { cause });
        });
        if (done) return collected.bytes;
        onBytes(value.length);
        if (!collected.add(value)) throw tooLarge(size);
      }
    });
  } catch (error) {
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

function tooLarge(size: number): PhizError {
  return new PhizError('BODY_TOO_LARGE', `expected a body of at most ${size} bytes`);
}
