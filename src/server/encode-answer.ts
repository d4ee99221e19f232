import { encode as encodeMsgpack } from '@msgpack/msgpack';
import type { WireResponse } from './answer-schema.ts';
import type { ParsedCall } from './request-schema.ts';

/** A call's answer as it is sent. */
export interface EncodedAnswer {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** The answer to a call in the format that it asks for. */
export function encodeAnswer(
  { call, warnings }: ParsedCall,
  responses: readonly WireResponse[],
): EncodedAnswer {
  const whole = { responses, ...(warnings.length > 0 && { warnings }) };
  if (call.response_format === 'msgpack') {
    return { body: encodeMsgpack(whole), contentType: 'application/vnd.msgpack' };
  }
  return { body: new TextEncoder().encode(JSON.stringify(whole)), contentType: 'application/json' };
}
