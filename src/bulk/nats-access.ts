import {
  type ConsumerInfo,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ObjectStore, Objm } from '@nats-io/obj';
import type { QueueNames } from './names.ts';
import { QueueFull, QueueMissing } from './queue.ts';

/** What every side of a queue on NATS works with. */
export interface NatsAccess {
  readonly names: QueueNames;
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly objects: Objm;
}

/** Milliseconds after which a message goes to somebody else, unless who has it says that they are at work. */
export const patience = 30_000;

/** Codes of the server's errors: https://github.com/nats-io/nats-server, server/errors.json. */
export const errorCodes = { streamNotFound: 10_059, consumerNotFound: 10_014, filterTaken: 10_100 } as const;
const full = [10_077, 10_047, 10_023];

/** The code of one of the server's errors; undefined of any other. */
export function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

/** @throws QueueFull where the server took no more; else the error itself */
export function asFull(error: unknown): never {
  if (full.includes(codeOf(error) ?? 0)) throw new QueueFull((error as Error).message, { cause: error });
  throw error;
}

/** @throws QueueMissing where the server has no such stream or consumer; else the error itself */
export function asMissing(names: QueueNames, error: unknown): never {
  const code = codeOf(error);
  const isMissing = code === errorCodes.streamNotFound || code === errorCodes.consumerNotFound;
  throw isMissing ? notSetUp(names, error) : error;
}

export function notSetUp({ streams }: QueueNames, cause?: unknown): QueueMissing {
  const name = streams.requests.slice(0, -'-requests'.length);
  return new QueueMissing(`the queue ${name} is not set up on this server: run "phiz work --setup"`, {
    cause,
  });
}

/** The consumer that all workers share, at this moment. */
export function workersConsumer({ manager, names }: NatsAccess): Promise<ConsumerInfo> {
  return manager.consumers.info(names.streams.requests, names.workers);
}

/** The bucket of pictures; undefined where there is none. */
export async function pictureStore({ objects, names }: NatsAccess): Promise<ObjectStore | undefined> {
  try {
    return await objects.open(names.pictures);
  } catch (error) {
    if (/not found/i.test(String(error))) return undefined;
    throw error;
  }
}
