import type { JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { laneOf } from './names.ts';
import { asMissing, type NatsAccess, workersConsumer } from './nats-access.ts';
import { header, headersOf, labelsOf, requestId } from './nats-headers.ts';
import { NatsObjects } from './nats-objects.ts';
import type { AnswerSettings, Delivery, Labels, QueuedAnswer, WorkerQueue } from './queue.ts';

/** Milliseconds that a pull waits for a request. */
const pullTime = 20_000;

/** The worker's side. @throws Error where the queue is not set up */
export async function workerOn(access: NatsAccess): Promise<WorkerQueue> {
  const { names, connection, client, manager } = access;
  const info = await workersConsumer(access).catch((error) => asMissing(names, error));
  const consumer = await client.consumers.get(names.streams.requests, names.workers);
  const objects = new NatsObjects(manager);
  return {
    patience: info.config.ack_wait! / nanos(1),
    async pull() {
      const message = await consumer.next({ expires: pullTime });
      return message ? deliveryOf(access, message) : undefined;
    },
    readObject: (bucket, name, limit) => objects.read(bucket, name, limit),
    settings: (own) => recordedSettings(access, own),
    onStatus(status) {
      connection.subscribe(names.status, {
        callback: (error, message) => {
          if (!error) message.respond(JSON.stringify(status()));
        },
      });
    },
  };
}

function deliveryOf(access: NatsAccess, message: JsMsg): Delivery {
  const { client, connection } = access;
  const { roots } = access.names;
  const { info, headers: given } = message;
  const rest = message.subject.slice(roots.requests.length);
  const id = requestId(given, info.streamSequence);
  const labels = labelsOf(given);
  // The same each time that the request is given out, and never that of another one.
  const once = `${info.streamSequence}-${info.timestampNanos}`;
  const publish = (root: string, body: Uint8Array, more: Labels) =>
    client.publish(`${root}${rest}`, body, {
      msgID: once,
      headers: headersOf({ ...labels, [header.id]: id, ...more }),
    });
  /** Says what nobody waits for; over a connection that has ended there is nobody to say it to. */
  const say = (word: () => void) => {
    if (!connection.isClosed()) word();
  };
  return {
    id,
    lane: laneOf(roots.requests, message.subject),
    subject: message.subject,
    body: message.data,
    attempt: info.deliveryCount,
    working: () => say(() => message.working()),
    async answer({ body, contentType, code, settings }: QueuedAnswer) {
      await publish(roots.answers, fitting(access, body), {
        [header.contentType]: contentType,
        [header.settings]: settings,
        ...(code && { [header.code]: code }),
      });
      await message.ackAck();
    },
    async fail(reason) {
      await publish(roots.failures, message.data, { [header.reason]: reason });
    },
    giveBack: (delay) => say(() => message.nak(delay)),
  };
}

/** Bytes of a message that its headers take at most. */
const headerBytes = 65_536;

/** An answer, or an error in its place where the server takes no message of its size. */
function fitting({ connection }: NatsAccess, body: Uint8Array): Uint8Array {
  const limit = (connection.info?.max_payload ?? 1_048_576) - headerBytes;
  if (body.length <= limit) return body;
  const error = {
    code: 'BODY_TOO_LARGE',
    desc: `the answer has ${body.length} bytes, and the NATS server takes ${limit}: ask for less, or raise its max_payload`,
  };
  return new TextEncoder().encode(JSON.stringify({ error }));
}

/** The settings of the queue. Where none are recorded, `own` are recorded, and returned. */
async function recordedSettings(
  { names, client, manager }: NatsAccess,
  own: AnswerSettings,
): Promise<AnswerSettings> {
  const { streams, settings } = names;
  const read = async () => {
    const stored = await manager.streams.getMessage(streams.settings, { last_by_subj: settings });
    return stored ? (JSON.parse(new TextDecoder().decode(stored.data)) as AnswerSettings) : undefined;
  };
  const there = await read();
  if (there) return there;
  await client
    .publish(settings, JSON.stringify(own), { expect: { lastSubjectSequence: 0 } })
    // Another worker was the first.
    .catch(() => {});
  return (await read()) ?? own;
}
