import { PhizError } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { type FetchLimits, fetchPicture, type HttpTransport } from './fetch-picture.ts';

/** Where the pictures of a call may come from. */
export interface PictureSources {
  /** The parts of the body by name; none for a JSON body. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** Absent where pictures are not fetched. */
  readonly transport: HttpTransport | undefined;
  readonly limits: FetchLimits;
}

export const isRemote = (image: string) => /^https?:/i.test(image);

/**
 * The bytes that the `image` of a request stands for.
 * @throws PhizError IMAGE_PART_MISSING, IMAGE_FETCH_DISABLED, IMAGE_FETCH_FAILED or
 * IMAGE_DECODING_FAILED.
 */
export async function loadPicture(
  image: string,
  { parts, transport, limits }: PictureSources,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (image.startsWith('multipart:')) {
    const name = image.slice('multipart:'.length);
    const part = parts.get(name);
    if (part) return part;
    throw new PhizError('IMAGE_PART_MISSING', `the body has no part named ${shown(name)}`);
  }
  if (/^data:/i.test(image)) return decodeDataUrl(image);
  if (isRemote(image)) {
    if (transport) return fetchPicture(transport, image, limits, signal);
    throw new PhizError('IMAGE_FETCH_DISABLED', 'fetching pictures is turned off: send it as a part');
  }
  throw new PhizError(
    'IMAGE_FETCH_FAILED',
    `expected multipart:<part>, an http: or https: URL or a base64 data: URL, got ${shown(image)}`,
  );
}

/** RFC 2397, base64 only. */
function decodeDataUrl(url: string): Uint8Array {
  const comma = url.indexOf(',');
  if (comma < 0 || !/;\s*base64$/i.test(url.slice(0, Math.min(comma, 1_000)))) {
    throw new PhizError('IMAGE_DECODING_FAILED', 'Failed to decode: expected a base64 data: URL');
  }
  return decodeBase64(url.slice(comma + 1));
}

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
