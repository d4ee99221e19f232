import { PhizError } from '../errors.ts';
import type { Arrival } from '../pool/arrivals.ts';
import { decodeBase64InPlace } from './base64.ts';
import { type FetchLimits, fetchPicture, type HttpTransport } from './fetch-picture.ts';

/** Where the pictures of a call may come from. */
export interface PictureSources {
  /** The parts of the body by name; none for a JSON body. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** The long `data:` URLs of the JSON by their names: {@link parseJson}. They are decoded where they stand. */
  readonly dataUrls: ReadonlyMap<string, Uint8Array>;
  /** Absent where pictures are not fetched. */
  readonly transport: HttpTransport | undefined;
  readonly limits: FetchLimits;
  /** Absent where there is no store of pictures. */
  readonly stored?: StoredPictures;
}

/** Reads `object:<bucket>/<name>`. @throws PhizError IMAGE_FETCH_FAILED */
export type StoredPictures = (bucket: string, name: string) => Promise<Uint8Array>;

const storedName = /^object:([^/]+)\/(.+)$/s;

/** True for a picture that did not come with its call. */
export const isRemote = (image: string, { stored }: Partial<PictureSources>) =>
  /^https?:/i.test(image) || (stored !== undefined && storedName.test(image));

/**
 * The bytes that the `image` of a request stands for, where they came with the call.
 * @throws PhizError IMAGE_PART_MISSING, IMAGE_FETCH_FAILED or IMAGE_DECODING_FAILED.
 */
export async function localPicture(
  image: string,
  { parts, dataUrls }: PictureSources,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (image.startsWith('multipart:')) {
    const name = image.slice('multipart:'.length);
    const part = parts.get(name);
    if (part) return part;
    throw new PhizError(
      'IMAGE_PART_MISSING',
      `there is no part named ${shown(name)}; the body has ${partNames(parts)}`,
    );
  }
  if (/^data:/i.test(image)) return decodeDataUrl(dataUrls.get(image) ?? inJson(image), signal);
  if (looksBare(image)) {
    throw new PhizError(
      'IMAGE_DECODING_FAILED',
      'Failed to decode: this is bare base64; send it as a data: URL, data:image/jpeg;base64,…',
    );
  }
  throw new PhizError(
    'IMAGE_FETCH_FAILED',
    `expected multipart:<part>, an http: or https: URL or a base64 data: URL, got ${shown(image)}`,
  );
}

/**
 * The bytes of a picture that is elsewhere.
 * @param arrival where they are counted while they come
 * @throws PhizError IMAGE_FETCH_DISABLED or IMAGE_FETCH_FAILED; the reason of `signal`.
 */
export async function fetchedPicture(
  image: string,
  { transport, limits, stored }: Pick<PictureSources, 'transport' | 'limits' | 'stored'>,
  signal: AbortSignal,
  arrival?: Arrival,
): Promise<Uint8Array> {
  const object = stored && storedName.exec(image);
  if (object) return stored(object[1]!, object[2]!);
  if (transport) return fetchPicture(transport, image, limits, signal, arrival);
  throw new PhizError('IMAGE_FETCH_DISABLED', 'fetching pictures is turned off: send it as a part');
}

/** Parts that a message names at most. */
const shownParts = 8;

/** The parts of a body but the request, for a message. */
export function partNames(parts: ReadonlyMap<string, unknown>): string {
  const names = [...parts.keys()].filter((name) => name !== 'request');
  if (names.length === 0) return parts.size > 0 ? 'no part besides "request"' : 'no parts';
  const more = names.length - shownParts;
  return `${names.slice(0, shownParts).map(shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** True for a text that may be the base64 of a picture, without the `data:` form around it. */
function looksBare(text: string): boolean {
  return text.length >= 64 && /^[A-Za-z0-9+/_=\s-]+$/.test(text.slice(0, 1_000));
}

/** A text as it stands in a string of JSON. */
const inJson = (text: string) => new TextEncoder().encode(JSON.stringify(text).slice(1, -1));

/**
 * RFC 2397, base64 only. As in every URL, bytes may be written as percent and two hexadecimal digits.
 * @param url as it stands in a string of JSON, so that characters may be escaped there, too
 */
async function decodeDataUrl(url: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const start = latin1.decode(url.subarray(0, longestKind));
  const comma = /,|\\u002c/i.exec(start);
  if (!comma || !/;\s*base64$/i.test(unescaped(start.slice(0, comma.index)))) {
    throw new PhizError(
      'IMAGE_DECODING_FAILED',
      'Failed to decode: expected a base64 data: URL, such as data:image/jpeg;base64,/9j/…',
    );
  }
  const bytes = await decodeBase64InPlace(url.subarray(comma.index + comma[0].length), signal);
  if (bytes) return bytes;
  throw new PhizError('IMAGE_DECODING_FAILED', 'Failed to decode: the data: URL is not valid base64');
}

/** Bytes of a `data:` URL before its comma at most. */
const longestKind = 1_000;
const latin1 = new TextDecoder('latin1');

function unescaped(text: string): string {
  return text.replace(/(?:%|\\u00)([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
