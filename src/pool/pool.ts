import type { CallOptions, Engine } from '../engine.ts';
import { messageOf, PhizError } from '../errors.ts';
import { type AttributeName, type Face, memoryOf } from '../face/face.ts';
import { type Log, silent } from '../log.ts';
import { checkOptions } from '../pipeline/check-options.ts';
import type { Extraction, ExtractOptions, Outcome, Timings } from '../pipeline/extraction.ts';
import type { FacenForm } from '../pipeline/facen-form.ts';
import type { InstanceSettings } from '../pipeline/settings.ts';
import type { Located } from '../pipeline/work.ts';
import type { Thread, ThreadPlatform } from '../platform.ts';
import { Admission, type Ticket } from './admission.ts';
import type { ThreadLimits } from './instance-thread.ts';
import { Instances, type InstancesStatus, type PieceContext } from './instances.ts';
import { SharedPicture } from './open-pictures.ts';
import { bytesOf, type PictureFile } from './picture-bytes.ts';
import { facesPerTask, fromPlainError } from './protocol.ts';

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
export interface PoolStatus extends InstancesStatus {
  /** True until the pool is closed: calls are admitted. */
  readonly open: boolean;
  /** Calls admitted and not yet answered, and the bytes that they hold. */
  readonly calls: number;
  readonly bytes: number;
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
  readonly #instances: Instances;
  readonly #log: Log;
  readonly #price: NonNullable<PoolOptions['price']>;
  readonly #heavy: number;

  constructor(options: PoolOptions) {
    const {
      platform,
      startThread,
      settings,
      waiting = 64,
      bytes = 256 * 1024 ** 2,
      heavy = Number.POSITIVE_INFINITY,
      longestWait = Number.POSITIVE_INFINITY,
      limits = {},
      log = silent,
      onRest = () => {},
      restAfter = 10_000,
    } = options;
    const instances = options.instances || platform.cores;
    this.facens = options.facens;
    this.#price = options.price ?? ((_, requests) => requests.length);
    this.#heavy = heavy;
    this.#log = log;
    this.#admission = new Admission(
      { calls: waiting + instances, bytes, instances, wait: longestWait },
      (ticket) => this.#instances.leave(ticket),
    );
    this.#instances = new Instances({
      count: instances,
      platform,
      startThread,
      settings,
      limits,
      log,
      hasCalls: () => this.#admission.calls > 0,
      onRest,
      restAfter,
    });
    this.ready = this.#instances.ready;
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
    return this.#instances.networks;
  }

  /** Milliseconds until all that was accepted is done, as expected; undefined until pictures have told what they take. */
  get workLeft(): number | undefined {
    return this.#admission.workLeft;
  }

  get status(): PoolStatus {
    const { calls, bytes, open } = this.#admission;
    return { ...this.#instances.status, open, calls, bytes };
  }

  async extract(picture: PictureFile, options: ExtractOptions = {}, call?: CallOptions): Promise<Extraction> {
    const [outcome] = await this.extractAll(picture, [options], call);
    if (!outcome?.ok) throw outcome?.error;
    return outcome.value;
  }

  async extractAll(
    file: PictureFile,
    requests: readonly ExtractOptions[],
    { signal, ticket, price: known }: CallOptions = {},
  ): Promise<Outcome[]> {
    requests.forEach(checkOptions);
    const given = bytesOf(file);
    const bytes = given instanceof Uint8Array ? given : await given;
    const [first, ...others] = requests;
    if (!first) return [];
    let own: Ticket | undefined;
    const work = { busy: 0 };
    const price = known ?? this.#price(bytes, requests);
    const picture = new SharedPicture(bytes, requests, price / requests.length >= this.#heavy);
    try {
      if (!ticket) own = this.admit(bytes.length, price);
      const context: PieceContext = { ticket: ticket ?? own!, signal, work };
      const locate = (request: ExtractOptions) =>
        this.#instances.perform({ kind: 'locate', picture, request }, context);
      // What fails here fails for all: the picture cannot be opened.
      const opening = await locate(first);
      const located = [Promise.resolve(opening), ...others.map(locate)];
      void Promise.allSettled(located).then(() => this.#instances.closePicture(picture));
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
    await this.#instances.close();
  }

  /** Describes the faces of one request, in pieces for all instances without work. */
  async #describe(
    located: Located,
    { attributes = [], chips }: ExtractOptions,
    context: PieceContext,
  ): Promise<Extraction> {
    const { width, height, timings, warnings } = located;
    const common = { width, height, ...(warnings && { warnings }) };
    const { ticket } = context;
    // Until they are described, and then until the ticket is released.
    ticket.hold(memoryOf(located.faces));
    if (!located.aligned) return { ...common, faces: located.faces, timings };
    const { idle } = this.#instances;
    const tasks = Math.ceil(located.faces.length / facesPerTask);
    // Where instances have equally many, what is left in the end is shared.
    const isEven = located.faces.length % idle === 0;
    const groups = idle > 1 && !isEven ? groupsOf(attributes) : [attributes];
    const parts = inParts(located.faces, Math.max(idle, tasks));
    // All vectors before all else: what takes longest comes first, so that instances are done at about the same time.
    const pieces = groups.map((group) =>
      parts.map((faces) =>
        this.#instances.perform({ kind: 'describe', faces, attributes: group, chips }, context),
      ),
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

  /** The error as a caller gets it. One without a code is logged and becomes INTERNAL. */
  #expected(error: unknown): PhizError {
    if (error instanceof PhizError) return error;
    this.#log('error', 'request failed', { reason: messageOf(error) });
    return new PhizError('INTERNAL', 'the picture could not be processed', { cause: error });
  }
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
