import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import { type QueueNames, queueNames } from './names.ts';
import {
  asMissing,
  codeOf,
  errorCodes,
  type NatsAccess,
  patience,
  pictureStore,
  workersConsumer,
} from './nats-access.ts';
import { collectorOn } from './nats-collector.ts';
import { submitterOn } from './nats-submitter.ts';
import { workerOn } from './nats-worker.ts';
import type {
  AnswerSettings,
  CollectQueue,
  QueueCounts,
  QueueStatus,
  SubmitQueue,
  WorkerQueue,
  WorkerStatus,
} from './queue.ts';

/** The limits with which a queue is created. */
export interface QueueLimits {
  /** Bytes of requests, and of answers, which the server reserves: a full queue takes no more. */
  readonly bytes: number;
  /** Milliseconds for which the same request, and the same answer, are known again. */
  readonly window: number;
  /** Milliseconds for which failures, and pictures, are kept. */
  readonly keep: number;
  /** Servers of a cluster that keep a copy. */
  readonly replicas: number;
}

export const defaultLimits: QueueLimits = {
  bytes: 4 * 1024 ** 3,
  window: 3_600_000,
  keep: 7 * 86_400_000,
  replicas: 1,
};

/** Requests in the hands of all workers, and pulls of theirs that wait: for some thousands of instances. */
const maxInHand = 65_536;
const maxWaiting = 16_384;
/** Milliseconds in which workers say how they do. */
const statusTime = 1_500;

/** Codes of the server's errors where it cannot reserve what a stream may take. */
const noRoom = [10_023, 10_028, 10_047];

/** A queue on a NATS server with JetStream: it is set up, looked at, and taken part in from three sides. */
export class NatsQueue {
  readonly names: QueueNames;
  readonly #access: NatsAccess;

  private constructor(connection: NatsConnection, manager: JetStreamManager, queue: string) {
    const client = jetstream(connection);
    this.names = queueNames(queue);
    this.#access = { names: this.names, connection, client, manager, objects: new Objm(client) };
  }

  /** @throws Error where the server has no JetStream */
  static async on(connection: NatsConnection, queue: string): Promise<NatsQueue> {
    return new NatsQueue(connection, await jetstreamManager(connection), queue);
  }

  /** The worker's side. @throws Error where the queue is not set up */
  worker(): Promise<WorkerQueue> {
    return workerOn(this.#access);
  }

  /** The side of who has pictures. @throws Error where the queue is not set up */
  submitter(): Promise<SubmitQueue> {
    return submitterOn(this.#access);
  }

  /**
   * The side of who wants answers.
   *
   * @param batch whose answers; undefined: those of all
   * @throws Error where somebody else collects them, or the queue is not set up
   */
  collector(batch: string | undefined): Promise<CollectQueue & { close(): Promise<void> }> {
    return collectorOn(this.#access, batch);
  }

  /** Creates what the queue consists of, or changes it to these limits; says what its answers are made with. */
  async setUp(limits: QueueLimits, settings: AnswerSettings): Promise<void> {
    const { manager, objects, client } = this.#access;
    const { streams, roots } = this.names;
    const shared = { storage: StorageType.File, num_replicas: limits.replicas };
    const work = {
      ...shared,
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      max_bytes: limits.bytes,
      duplicate_window: nanos(limits.window),
    };
    await this.#putStream({ ...work, name: streams.requests, subjects: [`${roots.requests}.>`] });
    await this.#putStream({ ...work, name: streams.answers, subjects: [`${roots.answers}.>`] });
    await this.#putStream({
      ...shared,
      name: streams.failures,
      subjects: [`${roots.failures}.>`],
      retention: RetentionPolicy.Limits,
      max_age: nanos(limits.keep),
      duplicate_window: nanos(Math.min(limits.window, limits.keep)),
    });
    await this.#putStream({
      ...shared,
      name: streams.settings,
      subjects: [this.names.settings],
      retention: RetentionPolicy.Limits,
      max_msgs_per_subject: 1,
    });
    await manager.consumers.add(streams.requests, {
      durable_name: this.names.workers,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(patience),
      // Who gives up is the worker, who then says why.
      max_deliver: -1,
      max_ack_pending: maxInHand,
      max_waiting: maxWaiting,
    });
    const store = await objects.create(this.names.pictures, {
      ttl: nanos(limits.keep),
      replicas: limits.replicas,
      storage: StorageType.File,
    });
    const { name } = (await store.status()).streamInfo.config;
    await manager.streams.update(name, { max_age: nanos(limits.keep) });
    await client.publish(this.names.settings, JSON.stringify(settings));
  }

  /** The counts of the streams, and the status of each worker that answers within a moment. */
  async status(): Promise<QueueStatus> {
    return { ...(await this.counts()), workers: await this.#workers() };
  }

  /** The counts of the streams: requests, answers, failures, pictures. */
  async counts(): Promise<QueueCounts> {
    const { streams } = this.#access.manager;
    const { requests, answers, failures } = this.names.streams;
    const [ofRequests, ofAnswers, ofFailures, consumer, store] = await Promise.all([
      streams.info(requests),
      streams.info(answers),
      streams.info(failures),
      workersConsumer(this.#access),
      pictureStore(this.#access),
    ]).catch((error) => asMissing(this.names, error));
    const pictures = (await store?.status())?.size ?? 0;
    const { state } = ofRequests;
    // The consumer knows better than the stream, where a server that was killed has what was done before.
    const { num_pending: pending, num_ack_pending: inProgress } = consumer;
    return {
      pending,
      inProgress,
      done: state.last_seq - pending - inProgress,
      failed: ofFailures.state.last_seq,
      answers: ofAnswers.state.messages,
      bytes: state.bytes + ofAnswers.state.bytes + ofFailures.state.bytes + pictures,
    };
  }

  async #workers(): Promise<WorkerStatus[]> {
    const { connection } = this.#access;
    const workers: WorkerStatus[] = [];
    const inbox = `_INBOX.${crypto.getRandomValues(new Uint32Array(4)).join('')}`;
    const replies = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (!error && message.data.length > 0) workers.push(message.json<WorkerStatus>());
      },
    });
    connection.publish(this.names.status, undefined, { reply: inbox });
    await new Promise((resolve) => setTimeout(resolve, statusTime));
    replies.unsubscribe();
    return workers.sort((first, second) => (first.worker < second.worker ? -1 : 1));
  }

  /** @throws Error where the server cannot reserve as much as the stream may take */
  async #putStream(config: Partial<StreamConfig> & { name: string }): Promise<void> {
    const { streams } = this.#access.manager;
    try {
      await streams.info(config.name);
    } catch (error) {
      if (codeOf(error) !== errorCodes.streamNotFound) throw error;
      await streams.add(config).catch((cause: unknown) => {
        if (!noRoom.includes(codeOf(cause) ?? 0)) throw cause;
        const wanted = `${config.max_bytes ?? 0} bytes`;
        throw new Error(
          `the NATS server has no room to reserve ${wanted} for ${config.name}: ask for less with --bytes`,
          { cause },
        );
      });
      return;
    }
    await streams.update(config.name, config);
  }
}
