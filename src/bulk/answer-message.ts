import { concatenated } from '../bytes.ts';
import type { Config } from '../config/schema.ts';
import type { Engine } from '../engine.ts';
import { PhizError } from '../errors.ts';
import type { AnswerRules } from '../server/answer.ts';
import { answerCall, startCallTime } from '../server/answer-call.ts';
import { answerFormats } from '../server/answer-format.ts';
import type { HttpTransport } from '../server/fetch-picture.ts';
import { jsonLimits, parseJson } from '../server/json.ts';
import type { StoredPictures } from '../server/pictures.ts';
import { parseCall } from '../server/request-schema.ts';
import { type ApiVersion, v1, v2 } from '../server/versions.ts';
import type { Delivery, QueuedAnswer } from './queue.ts';

const versions: Readonly<Record<string, ApiVersion>> = { v1, v2 };

export interface MessageContext {
  readonly engine: Engine;
  readonly config: Config;
  readonly rules: AnswerRules;
  readonly transport: HttpTransport;
  readonly stored: StoredPictures;
}

/** The outcome of a message: an answer, or a reason to try again. */
export type MessageOutcome =
  | {
      readonly answer: Omit<QueuedAnswer, 'settings'>;
      /** True where the call or one of its requests was answered with an error. */
      readonly failed: boolean;
    }
  /** Why it should be tried again: an instance was lost over it, or there is no room now. */
  | { readonly again: string };

/**
 * Answers a message as the service answers a call. What is wrong with the message is its answer; nothing
 * is thrown.
 */
export async function answerMessage(delivery: Delivery, context: MessageContext): Promise<MessageOutcome> {
  const { config } = context;
  let unexpected: unknown;
  let failed = false;
  const time = startCallTime(config.limits.timeout);
  try {
    const version = versionOf(delivery);
    const { value, dataUrls } = await parseJson(delivery.body, jsonLimits(config), time.signal);
    const parsed = parseCall(value, config.limits.requests);
    const format = answerFormats[parsed.call.response_format];
    const blocks = await answerCall(parsed, {
      engine: context.engine,
      version,
      rules: context.rules,
      sources: {
        parts: new Map(),
        dataUrls,
        transport: config.fetch.enabled ? context.transport : undefined,
        limits: config.fetch,
        stored: context.stored,
      },
      format,
      signal: time.signal,
      abandon: time.abandon,
      ticket: undefined,
      price: () => 0,
      onResult: (result) => {
        if (typeof result === 'string') failed = true;
      },
      onUnexpected: (error) => {
        unexpected = error;
      },
    });
    if (unexpected !== undefined) return { again: reasonOf(unexpected) };
    return { answer: { body: concatenated(blocks), contentType: format.contentType }, failed };
  } catch (error) {
    if (!(error instanceof PhizError) || error.code === 'INTERNAL' || error.code === 'OVERLOADED') {
      return { again: reasonOf(error) };
    }
    return { answer: errorAnswer(error), failed: true };
  } finally {
    time.end();
  }
}

/** An error in the place of an answer. */
export function errorAnswer({ code, message }: PhizError): Omit<QueuedAnswer, 'settings'> {
  const body = new TextEncoder().encode(JSON.stringify({ error: { code, desc: message } }));
  return { body, contentType: 'application/json', code };
}

function versionOf({ lane, subject }: Delivery): ApiVersion {
  const version = lane && Object.hasOwn(versions, lane.version) ? versions[lane.version] : undefined;
  if (version) return version;
  throw new PhizError(
    'NOT_FOUND',
    `nothing is answered by the subject ${subject}; requests go to <queue>.requests.v1.<batch> or .v2.<batch>`,
  );
}

/** The message of an error and of its causes, for people. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}
