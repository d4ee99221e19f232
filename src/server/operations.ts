import type { ErrorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Extraction, ExtractOptions } from '../pipeline/extraction.ts';
import type { FacenForm } from '../pipeline/facen-form.ts';
import type { Ticket } from '../pool/admission.ts';
import { LoopDelay } from '../pool/loop-delay.ts';
import type { Pool } from '../pool/pool.ts';
import { Counter, Gauge, Histogram, Info, prometheusText } from './metrics.ts';

/** The questions and counts by which the HTTP service and the side that keeps it running speak. */
export interface Operations {
  /** Readiness: true where networks are loaded and calls are accepted, with a reason for people; the form of facens. */
  readiness(): {
    readonly ready: boolean;
    readonly detail: string;
    readonly facens?: FacenForm | undefined;
  };
  /**
   * A ticket for one HTTP call, to ask for before its body is read, to begin with when it is, and to
   * release after the answer; pass it on with every picture of the call ({@link CallOptions.ticket}).
   * @param client who sends it: its address
   * @throws PhizError OVERLOADED
   */
  receive(client?: string): Ticket;
  /** The expected cost of requests on a picture; `picture` undefined: its bytes are still to come. */
  price(picture: Uint8Array | undefined, requests: readonly ExtractOptions[]): number;
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

export interface OperationsOptions {
  readonly pool: Pool;
  readonly log: Log;
  /** Milliseconds between log lines of throughput; 0: none. */
  readonly tickerInterval: number;
  /** Bytes of memory that the process occupies, where the runtime can tell. */
  readonly memory?: () => number;
  /** Lines of the log that could not be written, where the runtime can tell. */
  readonly logLinesLost?: () => number;
}

/** Seconds: from a small crop to the largest picture on a busy machine. */
const timeBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Seconds. */
const longestRetryAfter = 60;

/** Operations of a service over a pool. `close` stops the ticker. */
export function createOperations({
  pool,
  log,
  tickerInterval,
  memory,
  logLinesLost,
}: OperationsOptions): Operations & { close(): void } {
  const calls = new Counter('phiz_calls_total', 'HTTP calls answered, by status.', 'status');
  const callSeconds = new Histogram('phiz_call_seconds', 'Time from a call to its answer.', timeBounds);
  const requests = new Counter('phiz_requests_total', 'Requests answered, with or without an error.');
  const errors = new Counter('phiz_request_errors_total', 'Requests that failed, by error code.', 'code');
  const faces = new Counter('phiz_faces_total', 'Faces reported.');
  const stageSeconds = new Histogram(
    'phiz_stage_seconds',
    'Time that requests spent in each stage.',
    timeBounds,
    'stage',
  );
  const loopDelay = new LoopDelay();
  const metrics = [
    calls,
    callSeconds,
    requests,
    errors,
    faces,
    stageSeconds,
    new Gauge('phiz_instances', 'Instances wanted.', () => pool.status.instances),
    new Gauge('phiz_instances_loaded', 'Instances with their networks loaded.', () => pool.status.loaded),
    new Gauge('phiz_instances_busy', 'Instances at work.', () => pool.status.busy),
    new Gauge(
      'phiz_instances_replaced_total',
      'Instances that crashed, hung or ran out of memory.',
      () => pool.status.replaced,
      'counter',
    ),
    new Info('phiz_network_info', 'Networks that are loaded at the start, and what runs them.', () =>
      Object.entries(pool.networks).map(([network, runsOn]) => ({ network, runs_on: runsOn })),
    ),
    new Gauge('phiz_calls_in_progress', 'Calls accepted and not yet answered.', () => pool.status.calls),
    new Gauge('phiz_calls_in_progress_bytes', 'Bytes that those calls hold.', () => pool.status.bytes),
    new Gauge('phiz_queue_length', 'Pieces of work that wait for an instance.', () => pool.status.waiting),
    new Gauge('phiz_pieces_total', 'Pieces of work done.', () => pool.status.done, 'counter'),
    new Gauge(
      'phiz_event_loop_delay_max_seconds',
      'The longest turn of the main thread in which there was work for calls, of the last minute or two.',
      () => loopDelay.worst / 1_000,
    ),
    ...(memory ? [new Gauge('process_resident_memory_bytes', 'Memory in use.', memory)] : []),
    ...(logLinesLost
      ? [new Gauge('phiz_log_lines_lost_total', 'Log lines that nobody took.', logLinesLost, 'counter')]
      : []),
  ];

  let last = { requests: 0, faces: 0, errors: 0, time: performance.now() };
  const ticker =
    tickerInterval > 0
      ? setInterval(() => {
          const now = {
            requests: requests.total,
            faces: faces.total,
            errors: errors.total,
            time: performance.now(),
          };
          const { busy, waiting, loaded } = pool.status;
          if (now.requests === last.requests && busy === 0 && waiting === 0) {
            last = now;
            return;
          }
          log('info', 'throughput', {
            requests: now.requests - last.requests,
            faces: now.faces - last.faces,
            errors: now.errors - last.errors,
            requestsPerSecond: round((1_000 * (now.requests - last.requests)) / (now.time - last.time)),
            loaded,
            busy,
            waiting,
          });
          last = now;
        }, tickerInterval)
      : undefined;

  return {
    readiness() {
      const { loaded, instances, open } = pool.status;
      if (!open) return { ready: false, detail: 'the service is shutting down' };
      return {
        ready: loaded > 0,
        detail: `${loaded} of ${instances} instances loaded`,
        facens: pool.facens,
      };
    },
    receive: (client) => pool.receive(client),
    price: (picture, requests) => pool.price(picture, requests),
    retryAfter() {
      const seconds = Math.ceil((pool.workLeft ?? 0) / 1_000);
      return Math.min(longestRetryAfter, Math.max(1, seconds));
    },
    callDone(status, seconds) {
      calls.add(1, String(status));
      callSeconds.observe(seconds);
    },
    requestDone(result) {
      requests.add();
      if (typeof result === 'string') return errors.add(1, result);
      faces.add(result.faces.length);
      for (const [stage, milliseconds] of Object.entries(result.timings)) {
        stageSeconds.observe(milliseconds / 1_000, stage);
      }
    },
    metrics: () => prometheusText(metrics),
    close() {
      clearInterval(ticker);
      loopDelay.stop();
    },
  };
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
