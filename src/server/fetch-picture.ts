import { PhizError } from '../errors.ts';
import type { Arrival } from '../pool/arrivals.ts';
import { breath } from '../pool/breathe.ts';
import { isPublicAddress } from './address.ts';
import { BoundedBytes } from './bounded-bytes.ts';
import { withDeadline } from './deadline.ts';

/**
 * Fetching pictures by URL for somebody we do not trust. The platform's `fetch` cannot be used: it
 * resolves a name by itself, so that a name checked beforehand may lead elsewhere a moment later.
 */

/**
 * Characters of a URL, far beyond what signatures take, and those beyond ASCII among them: a host of such is
 * translated in time by the square of its length, 2 ms for a thousand, 7 s for 200,000.
 */
const longestUrl = 8_192;
const mostBeyondAscii = 1_024;

/** Redirects that are followed; each target is checked as the first address was. */
const maxRedirects = 4;

/** The start of an HTTP answer; its body is read or closed by the receiver. */
export interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Drops the connection. */
  close(): void;
}

/** HTTP over connections whose address was checked; each runtime hands one in. */
export interface HttpTransport {
  /**
   * One GET of an `http:` or `https:` URL. Redirects are not followed. A name is resolved once, and
   * no address is connected to that `allows` refuses.
   * @throws Error with a message for people.
   */
  get(
    url: URL,
    options: { readonly allows: (address: string) => boolean; readonly signal: AbortSignal },
  ): Promise<HttpAnswer>;
}

export interface FetchLimits {
  /** Bytes of a picture. */
  readonly size_limit: number;
  /** Milliseconds for a picture, redirects and body included. */
  readonly timeout: number;
  readonly allow_private_networks: boolean;
}

/**
 * The bytes behind a URL.
 * @param arrival where they are counted while they come
 * @throws PhizError IMAGE_FETCH_FAILED; the reason of `signal` where that aborts.
 */
export async function fetchPicture(
  transport: HttpTransport,
  address: string,
  limits: FetchLimits,
  signal: AbortSignal,
  arrival?: Arrival,
): Promise<Uint8Array> {
  const late = failed(`no complete answer within ${limits.timeout} ms`);
  try {
    return await withDeadline(signal, limits.timeout, late, async (either) => {
      await breath();
      return follow(transport, parseUrl(address), limits, either, arrival);
    });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof PhizError) throw cause;
    throw failed((cause as Error).message, cause);
  }
}

async function follow(
  transport: HttpTransport,
  start: URL,
  limits: FetchLimits,
  signal: AbortSignal,
  arrival: Arrival | undefined,
): Promise<Uint8Array> {
  const allows = (address: string) => limits.allow_private_networks || isPublicAddress(address);
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const answer = await transport.get(url, { allows, signal });
    try {
      if (answer.status === 200) return await readAll(answer.body, limits.size_limit, signal, arrival);
      if (![301, 302, 303, 307, 308].includes(answer.status) || !answer.location) {
        throw failed(`expected status 200, got ${answer.status}`);
      }
      url = parseUrl(answer.location, url);
    } finally {
      answer.close();
    }
  }
  throw failed(`more than ${maxRedirects} redirects`);
}

/** Cut off at `limit`, whatever length was declared. */
async function readAll(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  signal: AbortSignal,
  arrival: Arrival | undefined,
): Promise<Uint8Array> {
  const collected = new BoundedBytes(limit);
  for await (const chunk of body) {
    signal.throwIfAborted();
    arrival?.grow(collected.growth(chunk.length));
    if (!(await collected.add(chunk))) throw failed(`expected a picture of at most ${limit} bytes`);
  }
  return collected.bytes;
}

function parseUrl(text: string, base?: URL): URL {
  if (text.length > longestUrl) throw failed(`expected a URL of at most ${longestUrl} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  const beyondAscii = text.replace(/[\x00-\x7f]+/g, '').length;
  if (beyondAscii > mostBeyondAscii) {
    throw failed(`expected at most ${mostBeyondAscii} characters beyond ASCII in a URL`);
  }
  let url: URL;
  try {
    url = new URL(text, base);
  } catch (cause) {
    throw failed('the URL is not valid', cause);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw failed(`expected an http: or https: URL, got ${url.protocol}`);
  }
  return url;
}

function failed(problem: string, cause?: unknown): PhizError {
  return new PhizError('IMAGE_FETCH_FAILED', `Failed to fetch the picture: ${problem}`, { cause });
}
