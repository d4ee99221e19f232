import type { Engine } from '../engine.ts';
import { type ErrorCode, PhizError } from '../errors.ts';
import { memoryOf } from '../face/face.ts';
import type { Extraction, ExtractOptions, Outcome } from '../pipeline/extraction.ts';
import type { Ticket } from '../pool/admission.ts';
import { breath } from '../pool/breathe.ts';
import { type AnswerRules, milliseconds, toOptions, toWireTimings } from './answer.ts';
import { type AnswerFormat, type Blocks, lengthOf, writeResponse } from './answer-format.ts';
import type { WireResponse } from './answer-schema.ts';
import { untilAborted } from './deadline.ts';
import { fetchedPicture, isRemote, localPicture, type PictureSources } from './pictures.ts';
import type { Call, FaceRequest, ParsedCall } from './request-schema.ts';
import type { ApiVersion } from './versions.ts';

/**
 * Pictures of one call that are fetched and computed at a time. Enough to keep every instance of a
 * usual machine busy; a bound on what one call may hold in memory.
 */
const picturesAtATime = 8;

/** Milliseconds that an engine has to stop, and to say which requests were done. */
const stoppingTime = 1_000;

/** The services and rules by which a call is answered. */
export interface CallContext {
  readonly engine: Engine;
  readonly sources: PictureSources;
  readonly version: ApiVersion;
  readonly rules: AnswerRules;
  readonly format: AnswerFormat;
  /** Aborts with TIMEOUT when the call has had its time, with another reason when nobody wants it any more. */
  readonly signal: AbortSignal;
  /** Gives the call up. */
  readonly abandon: (reason: unknown) => void;
  /** Absent where nothing is counted. */
  readonly ticket: Ticket | undefined;
  /** The expected cost of requests on a picture; `picture` undefined: its bytes are still to come. */
  readonly price: (picture: Uint8Array | undefined, requests: readonly ExtractOptions[]) => number;
  /** Told of every request's result. */
  readonly onResult: (result: Extraction | ErrorCode) => void;
  /** Told of failures that nobody expected. */
  readonly onUnexpected: (error: unknown) => void;
}

/** The time that a call has, from its first byte on. */
export interface CallTime {
  /** See {@link CallContext.signal}. */
  readonly signal: AbortSignal;
  /** The reason of `signal` when the time is over. */
  readonly late: PhizError;
  abandon(reason: unknown): void;
  /** The call is over, whichever way it ended: nothing of it goes on. */
  end(): void;
}

/** Ends what goes on for a call that was answered: one for all, since the stack of each would be written down. */
const answered = new Error('the call was answered');

export function startCallTime(milliseconds: number): CallTime {
  const controller = new AbortController();
  let late: PhizError | undefined;
  const time: CallTime = {
    signal: controller.signal,
    get late() {
      late ??= new PhizError('TIMEOUT', `no result within ${milliseconds} ms`);
      return late;
    },
    abandon: (reason) => controller.abort(reason),
    end() {
      clearTimeout(timer);
      controller.abort(answered);
    },
  };
  const timer = setTimeout(() => controller.abort(time.late), milliseconds);
  return time;
}

/** A picture of a call, and the requests that name it. */
interface Subject {
  readonly image: string;
  /** Places in the call. */
  readonly indexes: readonly number[];
  readonly plans: readonly Attempt<ExtractOptions>[];
  /** The requests on the picture that can be done. */
  readonly possible: readonly ExtractOptions[];
  /** The bytes of the picture, where they came with the call. */
  readonly local: Attempt<Uint8Array> | undefined;
  /** The expected cost of its requests. */
  readonly price: number;
}

/**
 * The answer to a call. One request failing does not fail others.
 * @throws PhizError OVERLOADED; the reason of `signal` where that is not TIMEOUT.
 */
export async function answerCall({ call, warnings }: ParsedCall, context: CallContext): Promise<Blocks> {
  const subjects: Subject[] = [];
  let price = 0;
  for (const [image, indexes] of byPicture(call)) {
    const subject = await subjectOf(image, indexes, call, context);
    price += subject.price;
    subjects.push(subject);
    await breath();
  }
  context.ticket?.begin(price);

  const responses: Blocks[] = [];
  await forEach(subjects, picturesAtATime, async (subject) => {
    const answers = await answerPicture(subject, call, context);
    for (const [i, index] of subject.indexes.entries()) {
      const { response, memory } = answers[i]!;
      const blocks = await writeResponse(context.format, response);
      context.ticket?.drop(memory);
      context.ticket?.hold(lengthOf(blocks));
      responses[index] = blocks;
    }
  });
  return context.format.whole(responses, warnings);
}

function byPicture({ requests }: Call): Map<string, number[]> {
  const indexes = new Map<string, number[]>();
  for (const [index, { image }] of requests.entries()) {
    const sharing = indexes.get(image);
    if (sharing) sharing.push(index);
    else indexes.set(image, [index]);
  }
  return indexes;
}

async function subjectOf(
  image: string,
  indexes: readonly number[],
  { requests }: Call,
  { version, rules, format, sources, signal, price }: CallContext,
): Promise<Subject> {
  const plans = indexes.map((index) => {
    const request = requests[index]!;
    return attempt(() => toOptions(request, rules, version.extra(request, rules), format.form));
  });
  const possible = plans.flatMap((plan) => (plan.ok ? [plan.value] : []));
  const local = isRemote(image, sources)
    ? undefined
    : await attemptLater(() => localPicture(image, sources, signal));
  const isWork = possible.length > 0 && (local === undefined || local.ok);
  const expected = isWork ? price(local?.ok ? local.value : undefined, possible) : 0;
  return { image, indexes, plans, possible, local, price: expected };
}

/** A response that is not written yet, and the bytes that are counted for its faces. */
interface PlainResponse {
  readonly response: WireResponse;
  readonly memory: number;
}

/** The responses to all requests of a call that name the same picture. */
async function answerPicture(
  { image, indexes, plans, possible, local, price }: Subject,
  { requests, include_timings }: Call,
  context: CallContext,
): Promise<PlainResponse[]> {
  const { version, ticket } = context;
  const start = performance.now();
  let fetched: number | undefined;

  const work = async (signal: AbortSignal): Promise<Outcome[]> => {
    let picture: Uint8Array;
    let known = price;
    if (local) picture = resultOf(local);
    else {
      try {
        picture = await fetchCounted(image, context, signal);
        known = context.price(picture, possible);
        ticket?.expect(known);
      } finally {
        ticket?.worked(price);
      }
      fetched = performance.now() - start;
    }
    return context.engine.extractAll(picture, possible, { signal, ...(ticket && { ticket, price: known }) });
  };
  const outcomes =
    possible.length === 0
      ? []
      : await untilAborted(context.signal, work, stoppingTime).catch((cause: unknown) => {
          const error = expected(cause, context);
          return possible.map((): Outcome => ({ ok: false, error }));
        });

  const respond = (request: FaceRequest, extraction: Extraction): WireResponse => {
    const writing = performance.now();
    const faces = version.toWire(extraction.faces, request, context.rules, context.format.form);
    context.onResult(extraction);
    const response = { ...faces, ...(extraction.warnings && { warnings: [...extraction.warnings] }) };
    if (!include_timings) return response;
    const end = performance.now();
    return {
      ...response,
      timings: {
        ...(fetched !== undefined && { fetch: milliseconds(fetched) }),
        ...toWireTimings(extraction.timings),
        encode: milliseconds((extraction.timings.encode ?? 0) + end - writing),
        total: milliseconds(end - start),
      },
    };
  };

  let next = 0;
  return plans.map((plan, i) => {
    const request = requests[indexes[i]!]!;
    const outcome = plan.ok ? outcomes[next++]! : plan;
    const memory = outcome.ok ? memoryOf(outcome.value.faces) : 0;
    const response = outcome.ok ? attempt(() => respond(request, outcome.value)) : outcome;
    if (response.ok) return { response: response.value, memory };
    const { code, message } = expected(response.error, context);
    context.onResult(code);
    return { response: { ...version.nothing, error: { code, desc: message } }, memory };
  });
}

/** A fetched picture, its bytes counted while they come and from then on. */
async function fetchCounted(
  image: string,
  { sources, ticket, abandon }: CallContext,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const arrival = ticket?.receive(abandon);
  let picture: Uint8Array;
  try {
    picture = await fetchedPicture(image, sources, signal, arrival);
  } finally {
    arrival?.end();
  }
  ticket?.hold(picture.buffer.byteLength);
  return picture;
}

/**
 * An error fit for one response. What concerns the whole call goes on up; what nobody expected is
 * reported, and the caller learns no more than that.
 */
function expected(error: unknown, context: CallContext): PhizError {
  const { aborted, reason } = context.signal;
  if (aborted && !(reason instanceof PhizError && reason.code === 'TIMEOUT')) throw reason;
  if (error instanceof PhizError && error.code === 'OVERLOADED') throw error;
  if (error instanceof PhizError && error.code !== 'INTERNAL') return error;
  context.onUnexpected(error);
  return new PhizError('INTERNAL', 'an unexpected error; the log has it under the id of this call');
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function attempt<T>(compute: () => T): Attempt<T> {
  try {
    return { ok: true, value: compute() };
  } catch (error) {
    return { ok: false, error };
  }
}

async function attemptLater<T>(compute: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await compute() };
  } catch (error) {
    return { ok: false, error };
  }
}

function resultOf<T>(outcome: Attempt<T>): T {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
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
