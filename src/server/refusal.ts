import type { ErrorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { WireError } from './answer-schema.ts';
import type { Operations } from './operations.ts';
import { randomId } from './random-id.ts';

/** An answer to what never became a request: HTTP itself was broken, or too slow. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param reason for the caller: what was expected. */
export type Refuse = (status: number, reason: string) => Refusal;

const codes: Readonly<Record<number, ErrorCode>> = { 405: 'METHOD_NOT_ALLOWED', 413: 'BODY_TOO_LARGE' };

export const refusalOf: Refuse = (status, desc) => {
  const error: WireError = { code: codes[status] ?? 'BAD_REQUEST', desc };
  const headers = { 'Content-Type': 'application/json', 'X-Request-Id': randomId() };
  return { status, headers, body: JSON.stringify({ error }) };
};

/** Refusals that stand in the log and are counted, as answers to calls are. */
export function createRefuse(log: Log, operations: Operations | undefined): Refuse {
  return (status, reason) => {
    const refusal = refusalOf(status, reason);
    operations?.callDone(status, 0);
    log('info', 'call refused', { id: refusal.headers['X-Request-Id'], status, reason });
    return refusal;
  };
}
