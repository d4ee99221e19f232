import {
  type DirectMsgRequest,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type MsgRequest,
  type StoredMsg,
} from '@nats-io/jetstream';
import * as v from 'valibot';
import { encodeBase64 } from '../base64.ts';
import { sha256 } from '../digest.ts';
import { PhizError } from '../errors.ts';

/** Links from object to object that are followed. */
const maxLinks = 4;
/** Messages before an object's description, for each of its chunks, among which they are looked for first. */
const nearby = 64;

const count = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0);
const text = v.optional(v.string(), '');

/** The description of an object, as it is stored; those of links leave out most of it. */
const description = v.object({
  nuid: text,
  size: count,
  chunks: count,
  digest: text,
  deleted: v.optional(v.boolean(), false),
  options: v.nullish(
    v.object({ link: v.nullish(v.object({ bucket: v.string(), name: v.pipe(v.string(), v.minLength(1)) })) }),
  ),
});

/** A bucket of objects: a stream. */
interface Bucket {
  readonly name: string;
  readonly stream: string;
  /** True where any server of a cluster that has a message may hand it out. */
  readonly direct: boolean;
}

const utf8 = new TextEncoder();

/**
 * Reads objects of JetStream's object store, message by message. (Their form is ADR-20 of
 * https://github.com/nats-io/nats-architecture-and-design.) The client itself creates a consumer to read an object,
 * which is more work for the server than all else that a worker asks of it.
 */
export class NatsObjects {
  readonly #manager: JetStreamManager;
  readonly #buckets = new Map<string, Promise<Bucket | undefined>>();

  constructor(manager: JetStreamManager) {
    this.#manager = manager;
  }

  /**
   * The bytes of a stored object.
   *
   * @param limit bytes
   * @throws PhizError IMAGE_FETCH_FAILED where there is none, or it is damaged or larger than the limit
   * @throws Error where the server cannot be asked
   */
  async read(bucketName: string, objectName: string, limit: number): Promise<Uint8Array> {
    const shown = JSON.stringify(`${bucketName}/${objectName}`);
    let place = { bucket: bucketName, name: objectName };
    for (let links = 0; links <= maxLinks; links++) {
      const bucket = await this.#bucket(place.bucket);
      const last = bucket && (await this.#message(bucket, { last_by_subj: subjectOf(place) }));
      const object = last && parse(last.string());
      if (!object || object.deleted) throw notFetched(`there is no object ${shown}`);
      const link = object.options?.link;
      if (link) {
        place = link;
        continue;
      }
      if (object.size > limit) {
        throw notFetched(`expected a picture of at most ${limit} bytes, object ${shown} has ${object.size}`);
      }
      const bytes = await this.#content(bucket, object, last.seq);
      if (bytes) return bytes;
      throw notFetched(`object ${shown} is damaged, or went while it was read`);
    }
    throw notFetched(`object ${shown} is a link to links, more than ${maxLinks} of them`);
  }

  /**
   * The bytes of an object; undefined where they are not whole.
   *
   * @param last sequence of its description, which was stored after its chunks
   */
  async #content(
    bucket: Bucket,
    { nuid, size, chunks, digest }: v.InferOutput<typeof description>,
    last: number,
  ): Promise<Uint8Array | undefined> {
    const next_by_subj = `$O.${bucket.name}.C.${nuid}`;
    const from = async (start: number) => {
      const bytes = new Uint8Array(size);
      let filled = 0;
      for (let seq = start; filled < size; ) {
        const chunk = await this.#message(bucket, { seq, next_by_subj });
        if (!chunk || chunk.data.length === 0 || filled + chunk.data.length > size) return undefined;
        bytes.set(chunk.data, filled);
        filled += chunk.data.length;
        seq = chunk.seq + 1;
      }
      return (await digestOf(bytes)) === digest ? bytes : undefined;
    };
    // From the first message on, the server would look through all that is stored.
    const near = Math.max(1, last - nearby * chunks);
    return (await from(near)) ?? (near > 1 ? from(1) : undefined);
  }

  /** A message of a bucket; undefined where there is none. */
  async #message(
    { stream, direct }: Bucket,
    query: DirectMsgRequest & MsgRequest,
  ): Promise<StoredMsg | undefined> {
    // A server of a cluster may not have it yet, or be gone; the leader of the stream has all.
    const found = direct && (await this.#manager.direct.getMessage(stream, query).catch(() => null));
    return found || ((await this.#manager.streams.getMessage(stream, query)) ?? undefined);
  }

  /** A bucket; undefined where there is none. */
  #bucket(name: string): Promise<Bucket | undefined> {
    const known = this.#buckets.get(name);
    if (known) return known;
    const asked = this.#ask(name);
    this.#buckets.set(name, asked);
    // One that is not there may come.
    const forget = () => this.#buckets.delete(name);
    asked.then((bucket) => bucket ?? forget(), forget);
    return asked;
  }

  async #ask(name: string): Promise<Bucket | undefined> {
    if (!/^[\w-]+$/.test(name)) return undefined;
    const stream = `OBJ_${name}`;
    try {
      const { config } = await this.#manager.streams.info(stream);
      return { name, stream, direct: config.allow_direct };
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) {
        return undefined;
      }
      throw error;
    }
  }
}

const notFetched = (problem: string) =>
  new PhizError('IMAGE_FETCH_FAILED', `Failed to fetch the picture: ${problem}`);

/** The description in a message; undefined where it is none. */
function parse(json: string): v.InferOutput<typeof description> | undefined {
  try {
    return v.parse(description, JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** The subject of an object's description. */
const subjectOf = ({ bucket, name }: { readonly bucket: string; readonly name: string }) =>
  `$O.${bucket}.M.${inUrls(encodeBase64(utf8.encode(name)))}`;

const digestOf = async (bytes: Uint8Array): Promise<string> =>
  `SHA-256=${inUrls(encodeBase64(await sha256(bytes)))}`;

/** Base64 as object stores write it (RFC 4648, section 5). */
const inUrls = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');
