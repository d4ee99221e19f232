import { nanos } from '@nats-io/nats-core';
import { laneSubject } from './names.ts';
import { asFull, type NatsAccess, notSetUp, pictureStore } from './nats-access.ts';
import { headersOf } from './nats-headers.ts';
import type { SubmitQueue } from './queue.ts';

/** Bytes of a message with a part of a picture: most pictures fit into one or two. The client knows what the server takes. */
const chunkSize = 512 * 1024;

/** The side of who has pictures. @throws Error where the queue is not set up */
export async function submitterOn(access: NatsAccess): Promise<SubmitQueue> {
  const { names, client } = access;
  const store = await pictureStore(access);
  if (!store) throw notSetUp(names);
  const keep = (await store.status()).ttl / nanos(1);
  const storing = new Map<string, Promise<void>>();

  async function put(name: string, bytes: Uint8Array): Promise<void> {
    const found = await store!.info(name);
    // One that is soon to go would be gone before its turn comes.
    const age = found ? Date.now() - Date.parse(found.mtime) : 0;
    if (found && !found.deleted && (keep === 0 || age < keep / 2)) return;
    await store!.putBlob({ name, options: { max_chunk_size: chunkSize } }, bytes).catch(asFull);
  }

  return {
    imageOf: (name) => `object:${names.pictures}/${name}`,
    store(name, bytes) {
      // Copies of a picture are often side by side.
      const stored = storing.get(name) ?? put(name, bytes).finally(() => storing.delete(name));
      storing.set(name, stored);
      return stored;
    },
    async submit({ id, lane, body, labels }) {
      const { duplicate } = await client
        .publish(laneSubject(names.roots.requests, lane), body, { msgID: id, headers: headersOf(labels) })
        .catch(asFull);
      return !duplicate;
    },
  };
}
