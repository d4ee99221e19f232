import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { headers, type MsgHdrs, type NatsConnection, nanos } from '@nats-io/nats-core';
import { type ObjectStore, Objm } from '@nats-io/obj';
import { fromHeader, laneOf, laneSubject, type QueueNames, queueNames, toHeader } from './names.ts';
import { NatsObjects } from './nats-objects.ts';
import {
  type AnswerSettings,
  type Collected,
  type CollectQueue,
  type Delivery,
  type Labels,
  type QueueCounts,
  type QueuedAnswer,
  QueueFull,
  QueueMissing,
  type QueueStatus,
  type SubmitQueue,
  type WorkerQueue,
  type WorkerStatus,
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

/** Milliseconds after which a request goes to another worker, unless its own says that it is at work. */
const patience = 30_000;
/** Requests in the hands of all workers, and pulls of theirs that wait: for some thousands of instances. */
const maxInHand = 65_536;
const maxWaiting = 16_384;
/** Milliseconds that a pull waits for a request. */
const pullTime = 20_000;
/** Answers that are taken at a time, and the milliseconds for which they are waited for. */
const answersAtATime = 500;
const takeTime = 1_000;
/** Milliseconds that a collector may be gone before its place is cleared. */
const collectorAbsence = 300_000;
/** Milliseconds in which workers say how they do. */
const statusTime = 1_500;

/** Bytes of a message with a part of a picture: most pictures fit into one or two. The client knows what the server takes. */
const chunkSize = 512 * 1024;

/** Headers of messages. Those that begin with `Nats-` are the server's. */
const header = {
  id: 'Phiz-Id',
  code: 'Phiz-Code',
  settings: 'Phiz-Settings',
  reason: 'Phiz-Reason',
  contentType: 'Content-Type',
} as const;

/** Codes of the server's errors: https://github.com/nats-io/nats-server, server/errors.json. */
const streamNotFound = 10_059;
const consumerNotFound = 10_014;
const filterTaken = 10_100;
const noRoom = [10_023, 10_028, 10_047];
const full = [10_077, 10_047, 10_023];

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** A queue on a NATS server with JetStream. */
export class NatsQueue {
  readonly names: QueueNames;
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #objects: Objm;

  private constructor(connection: NatsConnection, manager: JetStreamManager, queue: string) {
    this.names = queueNames(queue);
    this.#connection = connection;
    this.#client = jetstream(connection);
    this.#manager = manager;
    this.#objects = new Objm(this.#client);
  }

  /** @throws Error where the server has no JetStream */
  static async on(connection: NatsConnection, queue: string): Promise<NatsQueue> {
    return new NatsQueue(connection, await jetstreamManager(connection), queue);
  }

  /** Creates what the queue consists of, or changes it to these limits; says what its answers are made with. */
  async setUp(limits: QueueLimits, settings: AnswerSettings): Promise<void> {
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
    await this.#manager.consumers.add(streams.requests, {
      durable_name: this.names.workers,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(patience),
      // Who gives up is the worker, who then says why.
      max_deliver: -1,
      max_ack_pending: maxInHand,
      max_waiting: maxWaiting,
    });
    const store = await this.#objects.create(this.names.pictures, {
      ttl: nanos(limits.keep),
      replicas: limits.replicas,
      storage: StorageType.File,
    });
    const { name } = (await store.status()).streamInfo.config;
    await this.#manager.streams.update(name, { max_age: nanos(limits.keep) });
    await this.#client.publish(this.names.settings, JSON.stringify(settings));
  }

  /** The counts of the streams, and the status of each worker that answers within a moment. */
  async status(): Promise<QueueStatus> {
    return { ...(await this.counts()), workers: await this.#workers() };
  }

  /** The counts of the streams: requests, answers, failures, pictures. */
  async counts(): Promise<QueueCounts> {
    const { streams } = this.names;
    const [requests, answers, failures, consumer, store] = await Promise.all([
      this.#manager.streams.info(streams.requests),
      this.#manager.streams.info(streams.answers),
      this.#manager.streams.info(streams.failures),
      this.#consumer(),
      this.#store(),
    ]).catch(this.#explain);
    const pictures = (await store?.status())?.size ?? 0;
    const { state } = requests;
    // The consumer knows better than the stream, where a server that was killed has what was done before.
    const { num_pending: pending, num_ack_pending: inProgress } = consumer;
    return {
      pending,
      inProgress,
      done: state.last_seq - pending - inProgress,
      failed: failures.state.last_seq,
      answers: answers.state.messages,
      bytes: state.bytes + answers.state.bytes + failures.state.bytes + pictures,
    };
  }

  /** The worker's side. @throws Error where the queue is not set up */
  async worker(): Promise<WorkerQueue> {
    const info = await this.#consumer().catch(this.#explain);
    const consumer = await this.#client.consumers.get(this.names.streams.requests, this.names.workers);
    const objects = new NatsObjects(this.#manager);
    return {
      patience: info.config.ack_wait! / nanos(1),
      pull: async () => {
        const message = await consumer.next({ expires: pullTime });
        return message ? this.#delivery(message) : undefined;
      },
      readObject: (bucket, name, limit) => objects.read(bucket, name, limit),
      settings: (own) => this.#settings(own),
      onStatus: (status) => {
        this.#connection.subscribe(this.names.status, {
          callback: (error, message) => {
            if (!error) message.respond(JSON.stringify(status()));
          },
        });
      },
    };
  }

  /** The side of who has pictures. @throws Error where the queue is not set up */
  async submitter(): Promise<SubmitQueue> {
    const store = await this.#store();
    if (!store) throw this.#notSetUp();
    const keep = (await store.status()).ttl / nanos(1);
    const storing = new Map<string, Promise<void>>();
    const put = async (name: string, bytes: Uint8Array) => {
      const found = await store.info(name);
      // One that is soon to go would be gone before its turn comes.
      const age = found ? Date.now() - Date.parse(found.mtime) : 0;
      if (found && !found.deleted && (keep === 0 || age < keep / 2)) return;
      await store.putBlob({ name, options: { max_chunk_size: chunkSize } }, bytes).catch(asFull);
    };
    return {
      imageOf: (name) => `object:${this.names.pictures}/${name}`,
      store: (name, bytes) => {
        // Copies of a picture are often side by side.
        const stored = storing.get(name) ?? put(name, bytes).finally(() => storing.delete(name));
        storing.set(name, stored);
        return stored;
      },
      submit: async (request) => {
        const subject = laneSubject(this.names.roots.requests, request.lane);
        const { duplicate } = await this.#client
          .publish(subject, request.body, { msgID: request.id, headers: headersOf(request.labels) })
          .catch(asFull);
        return !duplicate;
      },
    };
  }

  /**
   * The side of who wants answers.
   *
   * @param batch whose answers; undefined: those of all
   * @throws Error where somebody else collects them, or the queue is not set up
   */
  async collector(batch: string | undefined): Promise<CollectQueue & { close(): Promise<void> }> {
    const { streams, roots } = this.names;
    const name = batch === undefined ? 'collect' : `collect-${batch}`;
    const filter = (root: string) => (batch === undefined ? `${root}.>` : `${root}.*.${batch}`);
    let consumer: Consumer;
    const join = async () => {
      await this.#manager.consumers.add(streams.answers, {
        durable_name: name,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(patience),
        filter_subject: filter(roots.answers),
        inactive_threshold: nanos(collectorAbsence),
        max_ack_pending: 2 * answersAtATime,
      });
      consumer = await this.#client.consumers.get(streams.answers, name);
    };
    await join().catch((error: unknown) => {
      if (codeOf(error) === filterTaken) {
        throw new Error('answers of these requests are being collected already, by batch or all together');
      }
      return this.#explain(error);
    });
    return {
      take: async () => {
        try {
          const taken: Collected[] = [];
          const messages = await consumer.fetch({ max_messages: answersAtATime, expires: takeTime });
          for await (const message of messages) taken.push(collected(message));
          return taken;
        } catch (error) {
          // A server that was away for long has cleared its place.
          await join();
          throw error;
        }
      },
      left: async (isCollected) => {
        // Requests first: their answers come before they go.
        const requests = await this.#unanswered(filter(roots.requests), isCollected);
        const { num_pending, num_ack_pending } = await consumer.info();
        return requests + num_pending + num_ack_pending;
      },
      close: async () => {
        await this.#connection.flush();
        await this.#manager.consumers.delete(streams.answers, name);
      },
    };
  }

  /** Requests of a subject, or of all, that nobody has answered. */
  async #unanswered(subjects_filter: string, isAnswered: (id: string) => boolean): Promise<number> {
    const { num_pending, num_ack_pending, ack_floor } = await this.#consumer();
    if (num_pending + num_ack_pending === 0) return 0;
    const { requests } = this.names.streams;
    const { state } = await this.#manager.streams.info(requests, { subjects_filter });
    const all = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    if (num_pending > 0) return all;
    // All are given out. Those that a killed server has lost count of were answered: is there one that was not?
    for (let seq = ack_floor.stream_seq + 1; ; seq++) {
      // Of the server's interface, not of its client's types: the first message from there on.
      const next = { seq, next_by_subj: subjects_filter };
      const message = await this.#manager.streams.getMessage(requests, next);
      if (!message) return 0;
      seq = message.seq;
      if (!isAnswered(requestId(message.header, seq))) return all;
    }
  }

  #delivery(message: JsMsg): Delivery {
    const { roots } = this.names;
    const { info, headers: given } = message;
    const rest = message.subject.slice(roots.requests.length);
    const id = requestId(given, info.streamSequence);
    const labels = labelsOf(given);
    // The same each time that the request is given out, and never that of another one.
    const once = `${info.streamSequence}-${info.timestampNanos}`;
    const publish = (root: string, body: Uint8Array, more: Labels) =>
      this.#client.publish(`${root}${rest}`, body, {
        msgID: once,
        headers: headersOf({ ...labels, [header.id]: id, ...more }),
      });
    return {
      id,
      lane: laneOf(roots.requests, message.subject),
      subject: message.subject,
      body: message.data,
      attempt: info.deliveryCount,
      working: () => this.#say(() => message.working()),
      answer: async ({ body, contentType, code, settings }: QueuedAnswer) => {
        await publish(roots.answers, this.#fitting(body), {
          [header.contentType]: contentType,
          [header.settings]: settings,
          ...(code && { [header.code]: code }),
        });
        await message.ackAck();
      },
      fail: async (reason) => {
        await publish(roots.failures, message.data, { [header.reason]: reason });
      },
      giveBack: (delay) => this.#say(() => message.nak(delay)),
    };
  }

  /** Says what nobody waits for; over a connection that has ended there is nobody to say it to. */
  #say(word: () => void): void {
    if (!this.#connection.isClosed()) word();
  }

  /** An answer, or an error in its place where the server takes no message of its size. */
  #fitting(body: Uint8Array): Uint8Array {
    // Bytes of the message that its headers take at most.
    const limit = (this.#connection.info?.max_payload ?? 1_048_576) - 65_536;
    if (body.length <= limit) return body;
    const error = {
      code: 'BODY_TOO_LARGE',
      desc: `the answer has ${body.length} bytes, and the NATS server takes ${limit}: ask for less, or raise its max_payload`,
    };
    return utf8.encode(JSON.stringify({ error }));
  }

  /** The bucket of pictures; undefined where there is none. */
  async #store(): Promise<ObjectStore | undefined> {
    try {
      return await this.#objects.open(this.names.pictures);
    } catch (error) {
      if (/not found/i.test(String(error))) return undefined;
      throw error;
    }
  }

  async #settings(own: AnswerSettings): Promise<AnswerSettings> {
    const { streams, settings } = this.names;
    const read = async () => {
      const stored = await this.#manager.streams.getMessage(streams.settings, { last_by_subj: settings });
      return stored ? (JSON.parse(text.decode(stored.data)) as AnswerSettings) : undefined;
    };
    const there = await read();
    if (there) return there;
    await this.#client
      .publish(settings, JSON.stringify(own), { expect: { lastSubjectSequence: 0 } })
      // Another worker was the first.
      .catch(() => {});
    return (await read()) ?? own;
  }

  async #workers(): Promise<WorkerStatus[]> {
    const workers: WorkerStatus[] = [];
    const inbox = `_INBOX.${crypto.getRandomValues(new Uint32Array(4)).join('')}`;
    const replies = this.#connection.subscribe(inbox, {
      callback: (error, message) => {
        if (!error && message.data.length > 0) workers.push(message.json<WorkerStatus>());
      },
    });
    this.#connection.publish(this.names.status, undefined, { reply: inbox });
    await new Promise((resolve) => setTimeout(resolve, statusTime));
    replies.unsubscribe();
    return workers.sort((first, second) => (first.worker < second.worker ? -1 : 1));
  }

  #consumer(): Promise<ConsumerInfo> {
    return this.#manager.consumers.info(this.names.streams.requests, this.names.workers);
  }

  async #putStream(config: Partial<StreamConfig> & { name: string }): Promise<void> {
    try {
      await this.#manager.streams.info(config.name);
    } catch (error) {
      if (codeOf(error) !== streamNotFound) throw error;
      await this.#manager.streams.add(config).catch((cause: unknown) => {
        if (!noRoom.includes(codeOf(cause) ?? 0)) throw cause;
        const wanted = `${config.max_bytes ?? 0} bytes`;
        throw new Error(
          `the NATS server has no room to reserve ${wanted} for ${config.name}: ask for less with --bytes`,
          { cause },
        );
      });
      return;
    }
    await this.#manager.streams.update(config.name, config);
  }

  #explain = (error: unknown): never => {
    const code = codeOf(error);
    throw code === streamNotFound || code === consumerNotFound ? this.#notSetUp(error) : error;
  };

  #notSetUp(cause?: unknown): QueueMissing {
    const name = this.names.streams.requests.slice(0, -'-requests'.length);
    return new QueueMissing(`the queue ${name} is not set up on this server: run "phiz work --setup"`, {
      cause,
    });
  }
}

/** The id of a request: its `Nats-Msg-Id`, else its place in the stream. @param sequence that place */
const requestId = (given: MsgHdrs | undefined, sequence: number): string =>
  given?.get('Nats-Msg-Id') || `${sequence}`;

function collected(message: JsMsg): Collected {
  const { headers: given } = message;
  return {
    id: given?.get(header.id) || `${message.seq}`,
    body: message.data,
    contentType: given?.get(header.contentType) ?? '',
    settings: given?.get(header.settings) ?? '',
    labels: labelsOf(given),
    done: () => message.ack(),
  };
}

function headersOf(labels: Labels): MsgHdrs {
  const given = headers();
  for (const [name, value] of Object.entries(labels)) given.set(name, toHeader(value));
  return given;
}

function labelsOf(given: MsgHdrs | undefined): Labels {
  const names = given?.keys().filter((name) => !/^nats-/i.test(name)) ?? [];
  return Object.fromEntries(names.map((name) => [name, fromHeader(given!.get(name))]));
}

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

function asFull(error: unknown): never {
  if (full.includes(codeOf(error) ?? 0)) throw new QueueFull((error as Error).message, { cause: error });
  throw error;
}
