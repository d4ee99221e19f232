import { decode as decodeMsgpack } from '@msgpack/msgpack';
import { encodeBase64 } from '../base64.ts';
import type { Collected } from './queue.ts';
import { fileLabel } from './submit.ts';

/** A line of what was collected. */
export interface AnswerLine {
  /** The request's. */
  readonly id: string;
  /** The picture's path or URL; for requests of other programs their id. */
  readonly file: string;
  /** The response where the call had one request, else `responses`, or `error` for the call as a whole. */
  readonly [key: string]: unknown;
}

/** The line of an answer: for a call of one request as `phiz extract` would write it. */
export function lineOf({ id, body, contentType, labels }: Collected): AnswerLine {
  const head = { id, file: labels[fileLabel] ?? id };
  const answer = parse(body, contentType);
  const { responses, warnings, ...rest } = answer;
  if (!Array.isArray(responses)) return { ...head, faces: [], ...rest };
  if (responses.length !== 1) return { ...head, responses, ...(warnings !== undefined && { warnings }) };
  const [response] = responses as [Record<string, unknown>];
  return { ...head, ...response, ...(warnings !== undefined && { call_warnings: warnings }) };
}

/** The answer in a body; a body that holds none becomes an `error`. */
function parse(body: Uint8Array, contentType: string): Record<string, unknown> {
  try {
    const isMsgpack = contentType === 'application/vnd.msgpack';
    const answer: unknown = isMsgpack
      ? inBase64(decodeMsgpack(body))
      : JSON.parse(new TextDecoder().decode(body));
    if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // Somebody else put it there.
  }
  return { error: { code: 'INTERNAL', desc: 'what came as the answer is not one' } };
}

/** Bytes as JSON has them. */
function inBase64(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (Array.isArray(value)) return value.map(inBase64);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inBase64(inner)]));
}
