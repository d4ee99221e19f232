import { type ConnectNats, connect } from '../../bulk/connect.ts';
import { NatsQueue } from '../../bulk/nats-queue.ts';
import type { Host } from '../host.ts';

/** The flags that say where a queue is. */
export interface QueueFlags {
  readonly nats: string;
  readonly creds?: string;
  readonly ca?: string;
  readonly queue: string;
}

/** A queue, and the connection to it. */
export interface OpenQueue {
  readonly queue: NatsQueue;
  /** Ends the connection; rejects what still waits for it. */
  close(): Promise<void>;
  /** Resolves when the connection has ended for good; with the reason where the server ended it. */
  readonly ended: Promise<Error | undefined>;
}

/**
 * Opens the queue that flags name.
 *
 * @param patient whether the server may be away at the start
 * @throws Error with one line for the terminal
 */
export async function openQueue(
  host: Host,
  connectNats: ConnectNats,
  flags: QueueFlags,
  patient = false,
): Promise<OpenQueue> {
  const creds = flags.creds === undefined ? undefined : await host.readFile(flags.creds);
  const ca = flags.ca === undefined ? undefined : new TextDecoder().decode(await host.readFile(flags.ca));
  const connection = await connect(connectNats, { servers: flags.nats, creds, ca }, patient);
  try {
    return {
      queue: await NatsQueue.on(connection, flags.queue),
      close: () => connection.close(),
      ended: connection.closed().then((reason) => reason ?? undefined),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
