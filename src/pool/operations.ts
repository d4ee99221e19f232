import type { ErrorCode } from '../errors.ts';
import type { Extraction } from '../pipeline/extraction.ts';
import type { Ticket } from './admission.ts';

/** What the HTTP service asks and tells the side that keeps the service running. */
export interface Operations {
  /** Whether networks are loaded and calls are accepted, with a reason for people. */
  readiness(): { readonly ready: boolean; readonly detail: string };
  /**
   * A place for one HTTP call, to take before its body is read and to release after its answer;
   * pass it on with every picture of the call ({@link CallOptions.ticket}).
   * @param bytes what the call will hold, e.g. its Content-Length.
   * @throws PhizError OVERLOADED
   */
  admit(bytes: number): Ticket;
  /** Seconds after which a refused caller may try again: the `Retry-After` of OVERLOADED. */
  retryAfter(): number;
  /** Counts an answered HTTP call. */
  callDone(status: number, seconds: number): void;
  /** Counts one request of a call: what was found, or the code of its error. */
  requestDone(result: Extraction | ErrorCode): void;
  /** Everything counted, in Prometheus' text format. */
  metrics(): string;
}

/** The `Content-Type` of {@link Operations.metrics}. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';
