import { PhizError } from '../errors.ts';
import { BoundedBytes } from './bounded-bytes.ts';

/**
 * The whole body of a request, which is refused as soon as it is known to be over `limit` bytes:
 * nothing beyond the limit is kept, and a declared length over it is not read at all.
 * @throws PhizError BODY_TOO_LARGE; BAD_REQUEST where the body breaks off.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > limit) throw tooLarge(limit);
  if (!request.body) return new Uint8Array(0);

  const collected = new BoundedBytes(limit, declared || undefined);
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new PhizError('BAD_REQUEST', 'the body broke off before its end', { cause });
    });
    if (done) return collected.bytes;
    if (!collected.add(value)) {
      reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
  }
}

function tooLarge(limit: number): PhizError {
  return new PhizError('BODY_TOO_LARGE', `expected a body of at most ${limit} bytes`);
}
