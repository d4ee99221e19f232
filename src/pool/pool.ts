import type { CallOptions, Engine } from '../engine.ts';
import { messageOf, PhizError } from '../errors.ts';
import { type AttributeName, type Face, memoryOf } from '../face/face.ts';
import { type Log, silent } from '../log.ts';
import type { Pass, Share } from '../nn/shared-pass.ts';
import { checkOptions } from '../pipeline/check-options.ts';
import type { Extraction, ExtractOptions, Outcome, Timings } from '../pipeline/extraction.ts';
import type { FacenForm } from '../pipeline/facen-form.ts';
import type { InstanceSettings } from '../pipeline/settings.ts';
import type { Located } from '../pipeline/work.ts';
import type { Thread, ThreadPlatform } from '../platform.ts';
import { Admission, type Ticket } from './admission.ts';
import { FairQueue } from './fair-queue.ts';
import {
  InstanceThread,
  type Settle,
  type ThreadLimits,
  ThreadLost,
  type ThreadOptions,
} from './instance-thread.ts';
import { OpenPictures, SharedPicture } from './open-pictures.ts';
import { bytesOf, type PictureFile } from './picture-bytes.ts';
import { type Answer, facesPerTask, fromPlainError, type Task } from './protocol.ts';
import { SharedAssets } from './shared-assets.ts';

export interface PoolOptions {
  readonly platform: ThreadPlatform;
  /** Starts a thread that runs `serveInstance`. */
  readonly startThread: () => Thread;
  /** Settings of every instance: plain data, with more keys in it where the runtime wants them. */
  readonly settings: InstanceSettings;
  /** The form of the embeddings: networks, length, scale; undefined where no network makes any. */
  readonly facens?: FacenForm | undefined;
  /** The number of instances; 0: one for each core. Default 0. */
  readonly instances?: number;
  /** Calls that may wait, besides one for each instance. Default 64. */
  readonly waiting?: number;
  /** Bytes that the calls in progress may hold, and as many again what is coming. Default 256 MiB. */
  readonly bytes?: number;
  /** The expected cost of requests on a picture, told before they are at work. Default: each costs the same. */
  readonly price?: (picture: Uint8Array, requests: readonly ExtractOptions[]) => number;
  /**
   * Price of one request from which on it is heavy: such ones never hold all instances, where there are
   * several, so that small ones need not wait for them; who is left free helps. Default: none is.
   */
  readonly heavy?: number;
  /** Milliseconds: a call that is expected to wait longer for its turn is refused. Default: any wait will do. */
  readonly longestWait?: number;
  readonly limits?: Partial<ThreadLimits>;
  readonly log?: Log;
  /** Told when there has been work, and there is none now: a time to collect garbage. */
  readonly onRest?: () => void;
  /** Milliseconds from work to the first look whether there is time for that. Default 10,000. */
  readonly restAfter?: number;
}

/** A pool at this moment. */
export interface PoolStatus {
  /** True until the pool is closed: calls are admitted. */
  readonly open: boolean;
  /** Instances wanted, loaded, and at work. */
  readonly instances: number;
  readonly loaded: number;
  readonly busy: number;
  /** Instances replaced since the start. */
  readonly replaced: number;
  /** Calls admitted and not yet answered, and the bytes that they hold. */
  readonly calls: number;
  readonly bytes: number;
  /** Pieces of work that wait for an instance, and those that were done since the start. */
  readonly waiting: number;
  readonly done: number;
}

const defaultLimits: ThreadLimits = { start: 120_000, stall: 10_000, yield: 10_000 };

/** A task is given to a second instance when the first is lost, and no further. */
const attemptLimit = 2;

/** Milliseconds at most between two attempts to load an instance. */
const longestPause = 30_000;

/** The call that a piece belongs to, and its signal to stop. */
interface Context {
  readonly ticket: Ticket;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that instances were busy with the picture. */
  readonly work: { busy: number };
}

/** A part of a call that an instance does in one go: it locates the faces of a request, or describes some. */
type Piece =
  | { readonly kind: 'locate'; readonly picture: SharedPicture; readonly request: ExtractOptions }
  | (Task & { readonly kind: 'describe' });

/** A piece on its way to an answer. */
interface Job extends Settle {
  readonly piece: Piece;
  readonly context: Context;
  /** The number of times that the piece was given to a thread, and the last thread that got it. */
  attempts: number;
  thread?: InstanceThread;
  /** Threads that compute parts of the piece at present, and the milliseconds that helpers spent on it so far. */
  readonly helpers: Set<InstanceThread>;
  helped: number;
}

/**
 * An engine of several instances, each in a thread of its own. Instances that crash, hang or run
 * out of memory are replaced, and what they were doing is done again by another.
 */
export class Pool implements Engine {
  /** The form of the embeddings: networks, length, scale; undefined where no network makes any. */
  readonly facens: FacenForm | undefined;
  /** Resolves when the first instance is loaded; rejects when as many as are wanted failed to. */
  readonly ready: Promise<void>;
  readonly #admission: Admission;
  readonly #instances: number;
  readonly #log: Log;
  readonly #assets: SharedAssets;
  readonly #threadOptions: Omit<ThreadOptions, 'onIdle' | 'onLost' | 'onRefused'>;
  readonly #threads = new Set<InstanceThread>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #price: NonNullable<PoolOptions['price']>;
  readonly #heavy: number;
  readonly #waiting = new FairQueue<Job>();
  /** Instances that look for faces in a heavy picture. */
  readonly #heavyAtWork = new Set<InstanceThread>();
  readonly #openPictures = new OpenPictures();
  /** Since an instance was last loaded, or did anything. */
  #failedStarts = 0;
  #replaced = 0;
  #done = 0;
  #closed = false;
  readonly #onRest: (() => void) | undefined;
  readonly #restAfter: number;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #settleReady!: { resolve: () => void; reject: (reason: Error) => void };

  constructor(options: PoolOptions) {
    const {
      platform,
      startThread,
      settings,
      waiting = 64,
      bytes = 256 * 1024 ** 2,
      heavy = Number.POSITIVE_INFINITY,
      longestWait = Number.POSITIVE_INFINITY,
      restAfter = 10_000,
    } = options;
    this.facens = options.facens;
    this.#instances = options.instances || platform.cores;
    this.#price = options.price ?? ((_, requests) => requests.length);
    this.#heavy = heavy;
    this.#log = options.log ?? silent;
    this.#onRest = options.onRest;
    this.#restAfter = restAfter;
    this.#admission = new Admission(
      { calls: waiting + this.#instances, bytes, instances: this.#instances, wait: longestWait },
      (ticket) => {
        this.#waiting.leave(ticket);
        this.#restSoon();
      },
    );
    this.#assets = new SharedAssets((name) => platform.readAsset(name));
    this.#threadOptions = {
      startThread,
      platform: {
        name: platform.name,
        cores: platform.cores,
        readAsset: (name) => this.#assets.read(name),
      },
      settings,
      limits: { ...defaultLimits, ...options.limits },
    };
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.ready.catch(() => {});
    for (let index = 0; index < this.#instances; index++) this.#start();
  }

  /** A place for a call of several pictures. @throws PhizError OVERLOADED */
  admit(bytes: number, price?: number): Ticket {
    return this.#admission.admit(bytes, price);
  }

  /** A ticket for a call that is still to come. @throws PhizError OVERLOADED */
  receive(client?: string): Ticket {
    return this.#admission.receive(client);
  }

  /**
   * The expected cost of requests on a picture: see {@link PoolOptions.price}.
   * @param picture undefined where its bytes are still to come: the mean cost of a picture
   */
  price(picture: Uint8Array | undefined, requests: readonly ExtractOptions[]): number {
    return picture ? this.#price(picture, requests) : this.#admission.meanPrice;
  }

  /** The backend of each network that is loaded at the start, by the network's id; empty until an instance is loaded. */
  get networks(): Readonly<Record<string, string>> {
    return [...this.#threads].find(({ loaded }) => loaded)?.networks ?? {};
  }

  get status(): PoolStatus {
    const threads = [...this.#threads];
    return {
      open: this.#admission.open,
      instances: this.#instances,
      loaded: threads.filter(({ loaded }) => loaded).length,
      busy: threads.filter(({ state }) => state === 'busy').length,
      replaced: this.#replaced,
      calls: this.#admission.calls,
      bytes: this.#admission.bytes,
      waiting: this.#waiting.length,
      done: this.#done,
    };
  }

  async extract(picture: PictureFile, options: ExtractOptions = {}, call?: CallOptions): Promise<Extraction> {
    const [outcome] = await this.extractAll(picture, [options], call);
    if (!outcome?.ok) throw outcome?.error;
    return outcome.value;
  }

  async extractAll(
    file: PictureFile,
    requests: readonly ExtractOptions[],
    { signal, ticket }: CallOptions = {},
  ): Promise<Outcome[]> {
    requests.forEach(checkOptions);
    const given = bytesOf(file);
    const bytes = given instanceof Uint8Array ? given : await given;
    const [first, ...others] = requests;
    if (!first) return [];
    let own: Ticket | undefined;
    const work = { busy: 0 };
    const price = this.#price(bytes, requests);
    const picture = new SharedPicture(bytes, requests, price / requests.length >= this.#heavy);
    try {
      if (!ticket) own = this.admit(bytes.length, price);
      const context: Context = { ticket: ticket ?? (own as Ticket), signal, work };
      const locate = (request: ExtractOptions) =>
        this.#perform({ kind: 'locate', picture, request }, context);
      // What fails here fails for all: the picture cannot be opened.
      const opening = await locate(first);
      const located = [Promise.resolve(opening), ...others.map(locate)];
      void Promise.allSettled(located).then(() => this.#openPictures.close(picture));
      return await Promise.all(
        requests.map((request, index) =>
          this.#outcome(async () => {
            const found = await located[index]!;
            if (!found.ok) throw fromPlainError(found.error);
            return this.#describe(found.value, request, context);
          }),
        ),
      );
    } catch (error) {
      const failure = this.#expected(error);
      return requests.map(() => ({ ok: false, error: failure }));
    } finally {
      if (work.busy > 0) this.#admission.pictureDone(work.busy, price);
      ticket?.worked(price);
      own?.release();
    }
  }

  /** Answers what was admitted, refuses what comes, then stops the threads. */
  async close(): Promise<void> {
    await this.#admission.close();
    this.#closed = true;
    for (const timer of this.#retries) clearTimeout(timer);
    clearTimeout(this.#restTimer);
    this.#settleReady.reject(new Error('the pool was closed'));
    await Promise.all([...this.#threads].map((thread) => thread.stop()));
    this.#threads.clear();
  }

  /** Describes the faces of one request, in pieces for all instances without work. */
  async #describe(
    located: Located,
    { attributes = [], chips }: ExtractOptions,
    context: Context,
  ): Promise<Extraction> {
    const { width, height, timings, warnings } = located;
    const common = { width, height, ...(warnings && { warnings }) };
    const { ticket } = context;
    // Until they are described, and then until the ticket is released.
    ticket.hold(memoryOf(located.faces));
    if (!located.aligned) return { ...common, faces: located.faces, timings };
    const idle = this.#idle.length;
    const tasks = Math.ceil(located.faces.length / facesPerTask);
    // Where instances have equally many, what is left in the end is shared.
    const isEven = located.faces.length % idle === 0;
    const groups = idle > 1 && !isEven ? groupsOf(attributes) : [attributes];
    const parts = inParts(located.faces, Math.max(idle, tasks));
    // All vectors before all else: what takes longest comes first, so that instances are done at about the same time.
    const pieces = groups.map((group) =>
      parts.map((faces) => this.#perform({ kind: 'describe', faces, attributes: group, chips }, context)),
    );
    const described = await Promise.all(
      parts.map(async (faces, part) => {
        const answers = await Promise.all(pieces.map((ofGroup) => ofGroup[part]!));
        const whole = faces.map(
          (_, index) => Object.assign({}, ...answers.map((answer) => answer.faces[index])) as Face,
        );
        ticket.drop(memoryOf(faces));
        ticket.hold(memoryOf(whole));
        return { faces: whole, timings: sum(answers.map((answer) => answer.timings)) };
      }),
    );
    return {
      ...common,
      faces: described.flatMap(({ faces }) => faces),
      timings: sum([timings, ...described.map((part) => part.timings)]),
    };
  }

  async #outcome(extraction: () => Promise<Extraction>): Promise<Outcome> {
    try {
      return { ok: true, value: await extraction() };
    } catch (error) {
      return { ok: false, error: this.#expected(error) };
    }
  }

  /**
   * Has a piece of work done by the first instance that is free.
   * @throws PhizError, or ThreadLost when two instances were lost over it.
   */
  #perform<Kind extends Task['kind']>(
    piece: Piece & { kind: Kind },
    context: Context,
  ): Promise<Answer<Kind>> {
    const { ticket, signal } = context;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        if (!this.#waiting.remove(ticket, job)) {
          job.thread?.abandon();
          for (const helper of job.helpers) helper.abandon();
        }
        job.attempts = attemptLimit;
        job.reject(stopReason(signal as AbortSignal));
      };
      const job: Job = {
        piece,
        context,
        attempts: 0,
        helpers: new Set(),
        helped: 0,
        resolve: (answer) => {
          signal?.removeEventListener('abort', stop);
          resolve(answer as Answer<Kind>);
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', stop);
          reject(reason);
        },
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop);
      this.#enqueue(job);
    });
  }

  #enqueue(job: Job): void {
    this.#waiting.push(job.context.ticket, job);
    this.#dispatch();
  }

  get #idle(): InstanceThread[] {
    return [...this.#threads].filter(({ state }) => state === 'idle');
  }

  #dispatch(): void {
    for (const thread of this.#idle) {
      const mayBeHeavy = this.#heavyAtWork.size < Math.max(1, this.#instances - 1);
      const job = this.#waiting.take(({ piece }) => rank(piece, thread, mayBeHeavy));
      if (job) this.#run(job, thread);
    }
    this.#announceIdle();
  }

  /** Tells those at work how many have nothing to do, and could help. */
  #announceIdle(): void {
    const { length } = this.#idle;
    for (const thread of this.#threads) thread.idleOthers = length;
  }

  #run(job: Job, thread: InstanceThread): void {
    const { piece, context } = job;
    job.attempts++;
    job.thread = thread;
    job.helped = 0;
    const began = performance.now();
    const { warm } = thread;
    const isHeavy = piece.kind === 'locate' && piece.picture.heavy;
    if (isHeavy) this.#heavyAtWork.add(thread);
    const count = () => {
      this.#heavyAtWork.delete(thread);
      const busy = performance.now() - began + job.helped;
      this.#done++;
      this.#waiting.charge(context.ticket, busy);
      if (warm) context.work.busy += busy;
    };
    const task = piece.kind === 'locate' ? { ...piece, picture: piece.picture.goTo(thread) } : piece;
    thread.run(task, {
      resolve: (answer) => {
        count();
        if (piece.kind === 'locate') this.#openPictures.use(piece.picture, answer as Answer<'locate'>);
        job.resolve(answer);
      },
      reject: (reason) => {
        count();
        if (piece.kind === 'locate') this.#openPictures.close(piece.picture);
        if (!(reason instanceof ThreadLost) || job.attempts === attemptLimit) return job.reject(reason);
        this.#enqueue(job);
      },
      help: (pass) => this.#help(pass, job),
    });
  }

  /** Has an instance that is idle take a share of a pass of a job at work; undefined where none is, or it is lost over it. */
  async #help(pass: Pass, job: Job): Promise<readonly Share[] | undefined> {
    const [helper] = this.#idle;
    if (!helper) return undefined;
    const began = performance.now();
    job.helpers.add(helper);
    const answer = new Promise<Answer<'help'> | undefined>((resolve) =>
      helper.run(
        { kind: 'help', pass },
        { resolve: (answer) => resolve(answer as Answer<'help'>), reject: () => resolve(undefined) },
      ),
    );
    this.#announceIdle();
    const shares = (await answer)?.shares;
    job.helpers.delete(helper);
    job.helped += performance.now() - began;
    return shares;
  }

  /** Has whoever has worked, and has nothing to do now, collect its garbage; those at work later. */
  #restSoon(): void {
    this.#restTimer ??= setTimeout(() => {
      this.#restTimer = undefined;
      const worked = [...this.#threads].filter((thread) => thread.worked);
      for (const thread of worked) if (thread.state === 'idle') thread.rest();
      if (this.#admission.calls > 0 || worked.some((thread) => thread.worked)) this.#restSoon();
      else this.#onRest?.();
    }, this.#restAfter);
  }

  #start(): void {
    const thread = new InstanceThread({
      ...this.#threadOptions,
      onIdle: () => {
        this.#failedStarts = 0;
        this.#settleReady.resolve();
        if (this.status.loaded === this.#instances) this.#assets.forget();
        // After whoever awaits the answer just given: it may want to go on with the same call.
        queueMicrotask(() => this.#dispatch());
        this.#restSoon();
      },
      onLost: (reason) => this.#replace(thread, reason),
      onRefused: (reason) => {
        this.#threads.delete(thread);
        this.#settleReady.reject(reason);
      },
    });
    this.#threads.add(thread);
  }

  #replace(thread: InstanceThread, reason: ThreadLost): void {
    this.#log('error', 'instance lost', { reason: reason.message, loaded: thread.loaded });
    this.#threads.delete(thread);
    this.#announceIdle();
    this.#replaced++;
    if (!thread.loaded && ++this.#failedStarts >= this.#instances) this.#settleReady.reject(reason);
    const delay = this.#failedStarts === 0 ? 0 : Math.min(100 * 2 ** this.#failedStarts, longestPause);
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      if (!this.#closed) this.#start();
    }, delay);
    this.#retries.add(timer);
  }

  /** The error as a caller gets it. One without a code is logged and becomes INTERNAL. */
  #expected(error: unknown): PhizError {
    if (error instanceof PhizError) return error;
    this.#log('error', 'request failed', { reason: messageOf(error) });
    return new PhizError('INTERNAL', 'the picture could not be processed', { cause: error });
  }
}

/**
 * Which piece of a call an instance takes first. Faces that were found hold memory until they are
 * described; a picture that is open here is finished before another one is opened, and nowhere else.
 */
function rank(piece: Piece, thread: InstanceThread, mayBeHeavy: boolean): number {
  if (piece.kind === 'describe') return 0;
  if (piece.picture.heavy && !mayBeHeavy) return Number.POSITIVE_INFINITY;
  const { home } = piece.picture;
  if (home === thread) return 1;
  return home ? Number.POSITIVE_INFINITY : 2;
}

/** A list in so many parts, or as many as it has items, which differ by one item at most. */
function inParts<Item>(items: readonly Item[], wanted: number): (readonly Item[])[] {
  const count = Math.min(items.length, wanted);
  const bound = (part: number) => Math.round((part * items.length) / count);
  return Array.from({ length: count }, (_, part) => items.slice(bound(part), bound(part + 1)));
}

/**
 * Attributes that are described by different instances: a vector takes about as long as all else of a face,
 * so that also of one face, and of three, two instances have something to do.
 */
function groupsOf(attributes: readonly AttributeName[]): (readonly AttributeName[])[] {
  const others = attributes.filter((name) => name !== 'embedding');
  if (others.length === 0 || others.length === attributes.length) return [attributes];
  return [['embedding'], others];
}

function sum(parts: readonly Timings[]): Timings {
  const total: Record<string, number> = {};
  for (const part of parts) {
    for (const [stage, milliseconds] of Object.entries(part)) {
      total[stage] = (total[stage] ?? 0) + milliseconds;
    }
  }
  return total;
}

/** Why a signal stopped the work, as the caller is told. */
function stopReason({ reason }: AbortSignal): PhizError {
  if (reason instanceof PhizError) return reason;
  return new PhizError('TIMEOUT', 'the request was stopped before it was answered', { cause: reason });
}
