import { decode as decodeMsgpack } from '@msgpack/msgpack';
import { encodeBase64 } from '../base64.ts';
import type { WireError, WireResponse } from '../server/answer-schema.ts';
import type { Collected } from './queue.ts';
import { fileLabel } from './submit.ts';

/** A line of what was collected: the response where the call had one request. */
export type AnswerLine = {
  /** The request's. */
  readonly id: string;
  /** The picture's path or URL; for requests of other programs their id. */
  readonly file: string;
} & (
  | WireResponse
  | {
      readonly responses: readonly WireResponse[];
      /** Of the call. */
      readonly warnings?: unknown;
    }
);

/** The line of an answer: for a call of one request as `phiz extract` would write it. */
export function lineOf({ id, body, contentType, labels }: Collected): AnswerLine {
  const head = { id, file: labels[fileLabel] ?? id };
  const { responses, warnings, error } = parse(body, contentType) ?? noAnswer;
  if (!responses) return { ...head, faces: [], error };
  const [response] = responses;
  if (!response || responses.length > 1) {
    return { ...head, responses, ...(warnings !== undefined && { warnings }) };
  }
  return { ...head, ...response, ...(warnings !== undefined && { call_warnings: warnings }) };
}

/** The answer to a call. */
type Answer =
  | { readonly responses: readonly WireResponse[]; readonly warnings?: unknown; readonly error?: never }
  | { readonly responses?: never; readonly warnings?: never; readonly error: WireError };

const noAnswer: Answer = { error: { code: 'INTERNAL', desc: 'what came as the answer is not one' } };

/** The answer in a body; undefined where there is none, since somebody else put it there. */
function parse(body: Uint8Array, contentType: string): Answer | undefined {
  try {
    const isMsgpack = contentType === 'application/vnd.msgpack';
    const answer: unknown = isMsgpack
      ? inBase64(decodeMsgpack(body))
      : JSON.parse(new TextDecoder().decode(body));
    return isAnswer(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isAnswer(answer: unknown): answer is Answer {
  if (!isRecord(answer)) return false;
  if (Array.isArray(answer.responses)) return answer.responses.every(isResponse);
  return isRecord(answer.error);
}

function isResponse(response: unknown): boolean {
  if (!isRecord(response)) return false;
  const faces = isRecord(response.objects) ? (response.objects.face ?? []) : response.faces;
  return Array.isArray(faces) && faces.every((face) => isRecord(face) && isRecord(face.bbox));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Bytes as JSON has them. */
function inBase64(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (Array.isArray(value)) return value.map(inBase64);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inBase64(inner)]));
}
