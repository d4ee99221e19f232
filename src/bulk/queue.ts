import type { ErrorCode } from '../errors.ts';

/**
 * The queue that bulk work goes through, as the rest of this folder sees it: requests that are kept until
 * somebody has answered them, answers that are kept until somebody has collected them, and a
 * store for pictures that are nowhere else. `nats-queue.ts` is it on NATS JetStream, with a file for each side.
 */

/** Facts that travel with a request and come back with its answer, by name. */
export type Labels = Readonly<Record<string, string>>;

/** Where a request goes: what the API's version is, and which batch it is part of. */
export interface Lane {
  /** `v1` or `v2`; anything else is answered with an error. */
  readonly version: string;
  readonly batch: string;
}

export interface RequestMessage {
  /** The same for the same request: within a time, the queue takes it once. */
  readonly id: string;
  readonly lane: Lane;
  /** The JSON of a call. */
  readonly body: Uint8Array;
  readonly labels: Labels;
}

/** A request in a worker's hands. */
export interface Delivery {
  readonly id: string;
  /** Undefined where the request came by an address that stands for none. */
  readonly lane: Lane | undefined;
  /** The address it came by, for people. */
  readonly subject: string;
  readonly body: Uint8Array;
  /** The number of times that the request was given out, this time included. */
  readonly attempt: number;
  /** Says that it is still being worked on: else it is given to another worker. */
  working(): void;
  /** Publishes the answer, once however often, and only then takes the request out of the queue. */
  answer(answer: QueuedAnswer): Promise<void>;
  /** Keeps the request with the failures, with the reason why nobody will try it again. */
  fail(reason: string): Promise<void>;
  /** Gives it back, to be given out again after so many milliseconds. */
  giveBack(delay: number): void;
}

export interface QueuedAnswer {
  /** The body of the service's answer. */
  readonly body: Uint8Array;
  readonly contentType: string;
  /** The error's code, where the call as a whole was refused. */
  readonly code?: ErrorCode | undefined;
  /** The digest of the settings that the answer was made with: see {@link AnswerSettings}. */
  readonly settings: string;
}

/** An answer in a collector's hands. */
export interface Collected {
  /** The id of its request. */
  readonly id: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly settings: string;
  readonly labels: Labels;
  /** Takes it out of the queue. */
  done(): void;
}

/** The settings by name that change answers: networks, sizes, order. */
export type AnswerSettings = Readonly<Record<string, unknown>>;

/** A worker at this moment. */
export interface WorkerStatus {
  readonly worker: string;
  readonly instances: number;
  /** Requests it is working on. */
  readonly inHand: number;
  /** Requests answered since it began, and those of them that were answered with an error. */
  readonly done: number;
  readonly failed: number;
  /** Requests a second in the last minute. */
  readonly rate: number;
  /** Seconds since it began. */
  readonly up: number;
  readonly settings: string;
  /** Of phiz. */
  readonly version: string;
}

export interface QueueCounts {
  /** Requests that nobody has begun, and those that workers have in their hands. */
  readonly pending: number;
  readonly inProgress: number;
  /** Requests answered since the queue was set up. */
  readonly done: number;
  /** Of them, those that were given up. */
  readonly failed: number;
  /** Answers to be collected. */
  readonly answers: number;
  /** Bytes of requests, answers, failures and pictures that are kept. */
  readonly bytes: number;
}

export interface QueueStatus extends QueueCounts {
  readonly workers: readonly WorkerStatus[];
}

/** The worker's side. */
export interface WorkerQueue {
  /** Milliseconds after which a request that nobody is {@link Delivery.working} on goes to another. */
  readonly patience: number;
  /** The next request; undefined where none came for a while. @throws where the queue cannot be reached. */
  pull(): Promise<Delivery | undefined>;
  /**
   * The bytes of a stored picture.
   * @throws PhizError IMAGE_FETCH_FAILED where there is none, or it is larger than the limit.
   */
  readObject(bucket: string, name: string, limit: number): Promise<Uint8Array>;
  /** The settings of the queue. Where none are recorded, `own` are recorded, and returned. */
  settings(own: AnswerSettings): Promise<AnswerSettings>;
  /** Answers whoever asks how this worker does. */
  onStatus(status: () => WorkerStatus): void;
}

/** The side of who has pictures. */
export interface SubmitQueue {
  /** Keeps bytes under a name that they alone have; does nothing where they are kept already. */
  store(name: string, bytes: Uint8Array): Promise<void>;
  /** The value of a request's `image` that stands for stored bytes. */
  imageOf(name: string): string;
  /** Resolves when the request is kept: true where it was not there. @throws QueueFull */
  submit(request: RequestMessage): Promise<boolean>;
}

/** The side of who wants answers. */
export interface CollectQueue {
  /** The next answers, in no order; none where none came for a while. */
  take(): Promise<Collected[]>;
  /**
   * Requests that are not answered yet, and answers that are not collected yet.
   *
   * @param isCollected whether the answer to the request of this id is there: a server that was killed may count
   * requests as in work that were answered long ago
   */
  left(isCollected: (id: string) => boolean): Promise<number>;
}

/** The queue holds as much as it may. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

/** There is no such queue on the server. */
export class QueueMissing extends Error {
  override readonly name = 'QueueMissing';
}
