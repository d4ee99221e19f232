import type { Engine } from '../engine.ts';
import { type ErrorCode, PhizError } from '../errors.ts';
import type { Extraction, Outcome } from '../pipeline/extraction.ts';
import type { Ticket } from '../pool/admission.ts';
import { type AnswerRules, type BytesForm, milliseconds, toOptions, toWireTimings } from './answer.ts';
import type { WireResponse } from './answer-schema.ts';
import { withDeadline } from './deadline.ts';
import { isRemote, loadPicture, type PictureSources } from './pictures.ts';
import type { Call, FaceRequest } from './request-schema.ts';
import type { ApiVersion } from './versions.ts';

/**
 * Pictures of one call that are fetched and computed at a time. Enough to keep every instance of a
 * usual machine busy; a bound on what one call may hold in memory.
 */
const picturesAtATime = 8;

/** What answering a call needs besides the call. */
export interface CallContext {
  readonly engine: Engine;
  readonly sources: PictureSources;
  readonly version: ApiVersion;
  readonly rules: AnswerRules;
  /** Milliseconds a request may take, fetching and waiting included. */
  readonly timeout: number;
  readonly form: BytesForm;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  readonly ticket: Ticket | undefined;
  /** Told of every request's result. */
  readonly onResult: (result: Extraction | ErrorCode) => void;
  /** Told of failures that nobody expected. */
  readonly onUnexpected: (error: unknown) => void;
}

/**
 * The responses to a call's requests, in their order. One request failing does not fail others.
 * @throws PhizError OVERLOADED; the reason of `signal` where that aborts.
 */
export async function answerCall(call: Call, context: CallContext): Promise<WireResponse[]> {
  const responses: WireResponse[] = [];
  const byPicture = new Map<string, number[]>();
  for (const [index, { image }] of call.requests.entries()) {
    const sharing = byPicture.get(image);
    if (sharing) sharing.push(index);
    else byPicture.set(image, [index]);
  }
  await forEach([...byPicture], picturesAtATime, async ([image, indexes]) => {
    const requests = indexes.map((index) => call.requests[index]!);
    const answers = await answerPicture(image, requests, call.include_timings, context);
    for (const [i, index] of indexes.entries()) responses[index] = answers[i]!;
  });
  return responses;
}

/** The responses to all requests of a call that name the same picture. */
async function answerPicture(
  image: string,
  requests: readonly FaceRequest[],
  includeTimings: boolean,
  context: CallContext,
): Promise<WireResponse[]> {
  const { version } = context;
  const start = performance.now();
  let fetched: number | undefined;

  const planned = requests.map((request) =>
    attempt(() => toOptions(request, context.rules, version.extra(request, context.rules))),
  );
  const possible = planned.flatMap((plan) => (plan.ok ? [plan.value] : []));
  const late = new PhizError('TIMEOUT', `no result within ${context.timeout} ms`);

  const work = async (signal: AbortSignal): Promise<Outcome[]> => {
    const picture = await loadPicture(image, context.sources, signal);
    if (isRemote(image)) {
      context.ticket?.hold(picture.length);
      fetched = performance.now() - start;
    }
    return context.engine.extractAll(picture, possible, {
      signal,
      ...(context.ticket && { ticket: context.ticket }),
    });
  };
  const outcomes =
    possible.length === 0
      ? []
      : await withDeadline(context.signal, context.timeout, late, work).catch((cause: unknown) => {
          const error = expected(cause, context);
          return possible.map((): Outcome => ({ ok: false, error }));
        });

  const respond = (request: FaceRequest, extraction: Extraction): WireResponse => {
    const encoding = performance.now();
    const finds = version.finds(extraction.faces, request, context.rules, context.form);
    context.onResult(extraction);
    const response = { ...finds, ...(extraction.warnings && { warnings: [...extraction.warnings] }) };
    if (!includeTimings) return response;
    const end = performance.now();
    return {
      ...response,
      timings: {
        ...(fetched !== undefined && { fetch: milliseconds(fetched) }),
        ...toWireTimings(extraction.timings),
        encode: milliseconds(end - encoding),
        total: milliseconds(end - start),
      },
    };
  };

  let next = 0;
  return requests.map((request, i) => {
    const plan = planned[i]!;
    const outcome = plan.ok ? outcomes[next++]! : plan;
    const response = outcome.ok ? attempt(() => respond(request, outcome.value)) : outcome;
    if (response.ok) return response.value;
    const { code, message } = expected(response.error, context);
    context.onResult(code);
    return { ...version.nothing, error: { code, desc: message } };
  });
}

/**
 * An error fit for one response. What concerns the whole call goes on up; what nobody expected is
 * reported, and the caller learns no more than that.
 */
function expected(error: unknown, context: CallContext): PhizError {
  context.signal.throwIfAborted();
  if (error instanceof PhizError && error.code === 'OVERLOADED') throw error;
  if (error instanceof PhizError && error.code !== 'INTERNAL') return error;
  context.onUnexpected(error);
  return new PhizError('INTERNAL', 'an unexpected error; the log has it under the id of this call');
}

function attempt<T>(compute: () => T): { ok: true; value: T } | { ok: false; error: unknown } {
  try {
    return { ok: true, value: compute() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Runs `work` on every item, at most `width` at a time; stops starting more when one fails. */
async function forEach<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async () => {
    try {
      while (next < items.length) await work(items[next++]!);
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, run));
}
