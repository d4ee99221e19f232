import { AckPolicy, type Consumer, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { asMissing, codeOf, errorCodes, type NatsAccess, patience, workersConsumer } from './nats-access.ts';
import { header, labelsOf, requestId } from './nats-headers.ts';
import type { Collected, CollectQueue } from './queue.ts';

/** Answers that are taken at a time, and the milliseconds for which they are waited for. */
const answersAtATime = 500;
const takeTime = 1_000;
/** Milliseconds that a collector may be gone before its place is cleared. */
const collectorAbsence = 300_000;

/**
 * The side of who wants answers.
 *
 * @param batch whose answers; undefined: those of all
 * @throws Error where somebody else collects them, or the queue is not set up
 */
export async function collectorOn(
  access: NatsAccess,
  batch: string | undefined,
): Promise<CollectQueue & { close(): Promise<void> }> {
  const { names, connection, client, manager } = access;
  const { streams, roots } = names;
  const name = batch === undefined ? 'collect' : `collect-${batch}`;
  const filter = (root: string) => (batch === undefined ? `${root}.>` : `${root}.*.${batch}`);
  let consumer: Consumer;

  async function join(): Promise<void> {
    await manager.consumers.add(streams.answers, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(patience),
      filter_subject: filter(roots.answers),
      inactive_threshold: nanos(collectorAbsence),
      max_ack_pending: 2 * answersAtATime,
    });
    consumer = await client.consumers.get(streams.answers, name);
  }

  await join().catch((error: unknown) => {
    if (codeOf(error) === errorCodes.filterTaken) {
      throw new Error('answers of these requests are being collected already, by batch or all together');
    }
    return asMissing(names, error);
  });
  return {
    async take() {
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
    async left(isCollected) {
      // Requests first: their answers come before they go.
      const requests = await unanswered(access, filter(roots.requests), isCollected);
      const { num_pending, num_ack_pending } = await consumer.info();
      return requests + num_pending + num_ack_pending;
    },
    async close() {
      await connection.flush();
      await manager.consumers.delete(streams.answers, name);
    },
  };
}

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

/** The number of requests of a subject, or of all, that nobody has answered. */
async function unanswered(
  access: NatsAccess,
  subjects_filter: string,
  isAnswered: (id: string) => boolean,
): Promise<number> {
  const { manager, names } = access;
  const { num_pending, num_ack_pending, ack_floor } = await workersConsumer(access);
  if (num_pending + num_ack_pending === 0) return 0;
  const { requests } = names.streams;
  const { state } = await manager.streams.info(requests, { subjects_filter });
  const all = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  if (num_pending > 0) return all;
  // All are given out. Those that a killed server has lost count of were answered: is there one that was not?
  for (let seq = ack_floor.stream_seq + 1; ; seq++) {
    // Of the server's interface, not of its client's types: the first message from there on.
    const next = { seq, next_by_subj: subjects_filter };
    const message = await manager.streams.getMessage(requests, next);
    if (!message) return 0;
    seq = message.seq;
    if (!isAnswered(requestId(message.header, seq))) return all;
  }
}
