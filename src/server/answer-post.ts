import type { Context } from 'hono';
import { concatenated } from '../bytes.ts';
import type { Config } from '../config/schema.ts';
import type { Engine } from '../engine.ts';
import { PhizError } from '../errors.ts';
import { breath } from '../pool/breathe.ts';
import { answerRules } from './answer.ts';
import { answerCall, startCallTime } from './answer-call.ts';
import { type AnswerFormat, answerFormats, type Blocks, lengthOf } from './answer-format.ts';
import { readBody } from './body.ts';
import type { HttpTransport } from './fetch-picture.ts';
import { jsonLimits, parseJson } from './json.ts';
import { parseMultipart } from './multipart.ts';
import type { Operations } from './operations.ts';
import type { Peer } from './peer.ts';
import { partNames } from './pictures.ts';
import { parseCall } from './request-schema.ts';
import type { ApiVersion } from './versions.ts';

/** Milliseconds beyond the time limit of its work in which the answer to a call has to be read. */
export const sendingTime = 5_000;

/** Parts besides the pictures that a client may send: the request, and a few fields of its own. */
const spareParts = 16;

/** Bytes up to which an answer is sent in one go: to copy them takes less than to send them block by block. */
const smallAnswer = 1_048_576;

export interface PostOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly transport: HttpTransport | undefined;
  readonly operations: Operations | undefined;
}

/**
 * Answers `POST`. Everything that a call holds is counted on its ticket until the answer has left, and
 * everything that is done for it ends with it.
 *
 * @param onUnexpected told of failures that nobody expected
 */
export async function answerPost<Env extends { Bindings: Partial<Peer> }>(
  c: Context<Env>,
  version: ApiVersion,
  { engine, config, transport, operations }: PostOptions,
  onUnexpected: (error: unknown) => void,
): Promise<Response> {
  const kind = bodyKind(c.req.header('content-type'));
  checkCoding(c.req.header('content-encoding'));
  const { timeout } = config.limits;
  const peer: Partial<Peer> | undefined = c.env;
  const ticket = operations?.receive(peer?.address);

  const time = startCallTime(timeout);
  const cutOff = setTimeout(() => peer?.drop?.(), timeout + sendingTime);
  const { signal: client } = c.req.raw;
  const leave = async () => {
    await breath();
    time.abandon(client.reason);
  };
  client.addEventListener('abort', leave);
  const release = () => {
    clearTimeout(cutOff);
    ticket?.release();
  };
  try {
    const { format, blocks } = await answer();
    ticket?.answer(lengthOf(blocks));
    return send(c, format, blocks, peer?.answered, release);
  } catch (error) {
    release();
    throw error;
  } finally {
    time.end();
    // Node keeps signals of requests while they have listeners, and with them whatever those reach.
    client.removeEventListener('abort', leave);
  }

  async function answer(): Promise<{ format: AnswerFormat; blocks: Blocks }> {
    const body = await receive();
    const contentType = c.req.header('content-type') ?? '';
    const { parsed, ...local } = await parseBody(body, kind, contentType).catch((error: unknown) => {
      if (error !== time.late) throw error;
      throw new PhizError('OVERLOADED', `the call was not read within ${timeout} ms`, { cause: error });
    });
    const format = answerFormats[parsed.call.response_format];
    const blocks = await answerCall(parsed, {
      engine,
      version,
      rules: answerRules(config),
      sources: { ...local, transport: config.fetch.enabled ? transport : undefined, limits: config.fetch },
      format,
      signal: time.signal,
      abandon: time.abandon,
      ticket,
      price: (picture, requests) => operations?.price(picture, requests) ?? 0,
      onResult: (result) => operations?.requestDone(result),
      onUnexpected,
    });
    return { format, blocks };
  }

  async function receive(): Promise<Uint8Array> {
    const arrival = ticket?.receive(time.abandon);
    try {
      const size = config.limits.body_size;
      const body = await readBody(c.req.raw, { size, signal: time.signal, arrival, parts: peer?.body });
      arrival?.end();
      ticket?.hold(body.buffer.byteLength);
      return body;
    } catch (error) {
      arrival?.end();
      if (error !== time.late) throw error;
      throw new PhizError('BAD_REQUEST', `expected the whole body within ${timeout} ms`, { cause: error });
    }
  }

  async function parseBody(body: Uint8Array, kind: BodyKind, contentType: string) {
    const { requests } = config.limits;
    let parts: ReadonlyMap<string, Uint8Array> = new Map();
    let json: Uint8Array | undefined = body;
    if (kind === 'multipart') {
      parts = await parseMultipart(body, contentType, requests + spareParts, time.signal);
      json = parts.get('request');
    }
    if (!json) {
      throw new PhizError(
        'BAD_REQUEST',
        `expected a part named "request" with the JSON; the body has ${partNames(parts)}`,
      );
    }
    const { value, dataUrls } = await parseJson(json, jsonLimits(config), time.signal);
    return { parsed: parseCall(value, requests), parts, dataUrls };
  }
}

type BodyKind = 'json' | 'multipart';

/** @throws PhizError UNSUPPORTED_MEDIA_TYPE */
function bodyKind(contentType = ''): BodyKind {
  const [type = ''] = contentType.split(';', 1);
  const name = type.trim().toLowerCase();
  if (name === 'application/json') return 'json';
  if (name === 'multipart/form-data') return 'multipart';
  throw new PhizError(
    'UNSUPPORTED_MEDIA_TYPE',
    `expected Content-Type application/json or multipart/form-data, got ${name.slice(0, 100) || 'none'}`,
  );
}

/** @throws PhizError UNSUPPORTED_MEDIA_TYPE where the body is compressed */
function checkCoding(coding = ''): void {
  if (coding === '' || coding.toLowerCase() === 'identity') return;
  throw new PhizError(
    'UNSUPPORTED_MEDIA_TYPE',
    `expected a body as it is, without Content-Encoding; pictures are compressed already`,
  );
}

/**
 * Sends an answer: a large one block by block, as fast as it is read.
 * @param answered when it has left; where nobody tells, it has when the last block was taken
 */
function send<Env extends { Bindings: Partial<Peer> }>(
  c: Context<Env>,
  { contentType }: AnswerFormat,
  blocks: Blocks,
  answered: Promise<void> | undefined,
  release: () => void,
): Response {
  void answered?.then(release);
  const length = lengthOf(blocks);
  const headers = { 'Content-Type': contentType, 'Content-Length': `${length}` };
  if (length <= smallAnswer) {
    if (!answered) release();
    return c.body(concatenated(blocks), 200, headers);
  }
  let next = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const block = blocks[next++];
        if (block) return controller.enqueue(block);
        if (!answered) release();
        controller.close();
      },
      cancel() {
        if (!answered) release();
      },
    },
    { highWaterMark: 0 },
  );
  return c.body(stream, 200, headers);
}
