import { PhizError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ShareBox } from '../nn/share-box.ts';
import type { Pass } from '../nn/shared-pass.ts';
import { onAbort } from '../on-abort.ts';
import type { ExtractOptions } from '../pipeline/extraction.ts';
import type { InstanceSettings } from '../pipeline/settings.ts';
import type { Thread, ThreadPlatform } from '../platform.ts';
import type { Ticket } from './admission.ts';
import { FairQueue } from './fair-queue.ts';
import {
  InstanceThread,
  type Settle,
  type ThreadLimits,
  ThreadLost,
  type ThreadOptions,
} from './instance-thread.ts';
import { OpenPictures, type SharedPicture } from './open-pictures.ts';
import type { Answer, Task } from './protocol.ts';
import { SharedAssets } from './shared-assets.ts';

const defaultLimits: ThreadLimits = { start: 120_000, stall: 10_000, yield: 10_000 };

/** A task is given to a second instance when the first is lost, and no further. */
const attemptLimit = 2;

/** Milliseconds at most between two attempts to load an instance. */
const longestPause = 30_000;

/** The call that a piece belongs to, and its signal to stop. */
export interface PieceContext {
  readonly ticket: Ticket;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that instances were busy with the picture. */
  readonly work: { busy: number };
}

/** A part of a call that an instance does in one go: it locates the faces of a request, or describes some. */
type Piece =
  | { readonly kind: 'locate'; readonly picture: SharedPicture; readonly request: ExtractOptions }
  | (Task & { readonly kind: 'describe' });

/** A share of a pass that an instance takes for another one. */
interface Help {
  readonly box: ShareBox;
  /** Resolves when the pool knows that the instance is free again, or lost. */
  readonly over: Promise<void>;
}

/** A piece on its way to an answer. */
interface Job extends Settle {
  readonly piece: Piece;
  readonly context: PieceContext;
  /** The number of times that the piece was given to a thread, and the last thread that got it. */
  attempts: number;
  thread?: InstanceThread;
  /** Threads that compute parts of the piece at present, and the milliseconds that helpers spent on it so far. */
  readonly helpers: Map<InstanceThread, Help>;
  helped: number;
}

/** What instances are made of, and who is told of them. */
interface InstancesOptions {
  /** Instances that are wanted, at least 1. */
  readonly count: number;
  readonly platform: ThreadPlatform;
  readonly startThread: () => Thread;
  readonly settings: InstanceSettings;
  readonly limits: Partial<ThreadLimits>;
  readonly log: Log;
  /** Whether calls are in progress: pieces of them may still come. */
  readonly hasCalls: () => boolean;
  /** Told when there has been work, and there is none now. */
  readonly onRest: () => void;
  /** Milliseconds from work to the first look whether there is time to collect garbage. */
  readonly restAfter: number;
}

/** Instances at this moment. */
export interface InstancesStatus {
  /** Instances wanted, loaded, and at work. */
  readonly instances: number;
  readonly loaded: number;
  readonly busy: number;
  /** Instances replaced since the start. */
  readonly replaced: number;
  /** Pieces of work that wait for an instance, and those that were done since the start. */
  readonly waiting: number;
  readonly done: number;
}

/**
 * The instances of a pool, each in a thread of its own: who is free gets the next piece of work, or helps with
 * one. Instances that crash, hang or run out of memory are replaced, and what they were doing is done again by another.
 */
export class Instances {
  /** Resolves when the first instance is loaded; rejects when as many as are wanted failed to. */
  readonly ready: Promise<void>;
  readonly #options: InstancesOptions;
  readonly #assets: SharedAssets;
  readonly #threadOptions: Omit<ThreadOptions, 'onIdle' | 'onLost' | 'onRefused'>;
  readonly #threads = new Set<InstanceThread>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #waiting = new FairQueue<Job>();
  /** Instances that look for faces in a heavy picture. */
  readonly #heavyAtWork = new Set<InstanceThread>();
  readonly #openPictures = new OpenPictures();
  /** Since an instance was last loaded, or did anything. */
  #failedStarts = 0;
  #replaced = 0;
  #done = 0;
  #closed = false;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #settleReady!: { resolve: () => void; reject: (reason: Error) => void };

  constructor(options: InstancesOptions) {
    const { count, platform, startThread, settings, limits } = options;
    this.#options = options;
    this.#assets = new SharedAssets((name) => platform.readAsset(name));
    this.#threadOptions = {
      startThread,
      platform: {
        name: platform.name,
        cores: platform.cores,
        readAsset: (name) => this.#assets.read(name),
      },
      settings,
      limits: { ...defaultLimits, ...limits },
    };
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.ready.catch(() => {});
    for (let index = 0; index < count; index++) this.#start();
  }

  /** The backend of each network that is loaded at the start, by the network's id; empty until an instance is loaded. */
  get networks(): Readonly<Record<string, string>> {
    return [...this.#threads].find(({ loaded }) => loaded)?.networks ?? {};
  }

  get status(): InstancesStatus {
    const threads = [...this.#threads];
    return {
      instances: this.#options.count,
      loaded: threads.filter(({ loaded }) => loaded).length,
      busy: threads.filter(({ state }) => state === 'busy').length,
      replaced: this.#replaced,
      waiting: this.#waiting.length,
      done: this.#done,
    };
  }

  /** Instances that have nothing to do. */
  get idle(): number {
    return this.#idleThreads.length;
  }

  /** A call is over: its pieces wait no more. */
  leave(ticket: Ticket): void {
    this.#waiting.leave(ticket);
    this.#restSoon();
  }

  /** A picture is not needed any more: whoever has it open closes it. */
  closePicture(picture: SharedPicture): void {
    this.#openPictures.close(picture);
  }

  /** Stops the threads, whatever they are doing. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#retries) clearTimeout(timer);
    clearTimeout(this.#restTimer);
    this.#settleReady.reject(new Error('the pool was closed'));
    await Promise.all([...this.#threads].map((thread) => thread.stop()));
    this.#threads.clear();
  }

  /**
   * Has a piece of work done by the first instance that is free.
   * @throws PhizError, or ThreadLost when two instances were lost over it.
   */
  perform<Kind extends Task['kind']>(
    piece: Piece & { kind: Kind },
    context: PieceContext,
  ): Promise<Answer<Kind>> {
    const { ticket, signal } = context;
    return new Promise((resolve, reject) => {
      let forget = () => {};
      const stop = (): void => {
        if (!this.#waiting.remove(ticket, job)) {
          job.thread?.abandon();
          for (const helper of job.helpers.keys()) helper.abandon();
        }
        job.attempts = attemptLimit;
        job.reject(stopReason(signal!));
      };
      const job: Job = {
        piece,
        context,
        attempts: 0,
        helpers: new Map(),
        helped: 0,
        resolve: (answer) => {
          forget();
          resolve(answer as Answer<Kind>);
        },
        reject: (reason) => {
          forget();
          reject(reason);
        },
      };
      if (signal?.aborted) return stop();
      if (signal) forget = onAbort(signal, stop);
      this.#enqueue(job);
    });
  }

  #enqueue(job: Job): void {
    this.#waiting.push(job.context.ticket, job);
    this.#dispatch();
  }

  get #idleThreads(): InstanceThread[] {
    return [...this.#threads].filter(({ state }) => state === 'idle');
  }

  #dispatch(): void {
    for (const thread of this.#idleThreads) {
      const mayBeHeavy = this.#heavyAtWork.size < Math.max(1, this.#options.count - 1);
      const job = this.#waiting.take(({ piece }) => rank(piece, thread, mayBeHeavy));
      if (job) this.#run(job, thread);
    }
    this.#announceIdle();
  }

  /** Tells those at work how many have nothing to do, and could help. */
  #announceIdle(): void {
    const { length } = this.#idleThreads;
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
      help: (pass, box) => void this.#help(pass, box, job),
    });
  }

  /** Has an instance that is idle take a share of a pass of a job at work; the box is missed where none is, or it is lost over it. */
  async #help(pass: Pass, box: ShareBox, job: Job): Promise<void> {
    const helper = await this.#idleHelper(job);
    if (!helper) return box.miss();
    const began = performance.now();
    const over = new Promise<void>((resolve) =>
      helper.run(
        { kind: 'help', pass, box: box.memory },
        {
          resolve: () => resolve(),
          reject: () => {
            box.miss();
            resolve();
          },
        },
      ),
    );
    job.helpers.set(helper, { box, over });
    this.#announceIdle();
    await over;
    job.helpers.delete(helper);
    job.helped += performance.now() - began;
  }

  /**
   * An instance without work, if there is one. Who has filled a box of a job's last pass is one in no time: whoever
   * took the shares may ask again before the pool hears of it.
   */
  async #idleHelper({ helpers }: Job): Promise<InstanceThread | undefined> {
    for (;;) {
      const [helper] = this.#idleThreads;
      const returning = [...helpers.values()].find(({ box }) => !box.isAwaited);
      if (helper || !returning) return helper;
      await returning.over;
      // Work comes before help.
      this.#dispatch();
    }
  }

  /** Has whoever has worked, and has nothing to do now, collect its garbage; those at work later. */
  #restSoon(): void {
    this.#restTimer ??= setTimeout(() => {
      this.#restTimer = undefined;
      const worked = [...this.#threads].filter((thread) => thread.worked);
      for (const thread of worked) if (thread.state === 'idle') thread.rest();
      if (this.#options.hasCalls() || worked.some((thread) => thread.worked)) this.#restSoon();
      else this.#options.onRest();
    }, this.#options.restAfter);
  }

  #start(): void {
    const thread = new InstanceThread({
      ...this.#threadOptions,
      onIdle: () => {
        this.#failedStarts = 0;
        this.#settleReady.resolve();
        if (this.status.loaded === this.#options.count) this.#assets.forget();
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
    this.#options.log('error', 'instance lost', { reason: reason.message, loaded: thread.loaded });
    this.#threads.delete(thread);
    this.#announceIdle();
    this.#replaced++;
    if (!thread.loaded && ++this.#failedStarts >= this.#options.count) this.#settleReady.reject(reason);
    const delay = this.#failedStarts === 0 ? 0 : Math.min(100 * 2 ** this.#failedStarts, longestPause);
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      if (!this.#closed) this.#start();
    }, delay);
    this.#retries.add(timer);
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

/** Why a signal stopped the work, as the caller is told. */
function stopReason({ reason }: AbortSignal): PhizError {
  if (reason instanceof PhizError) return reason;
  return new PhizError('TIMEOUT', 'the request was stopped before it was answered', { cause: reason });
}
