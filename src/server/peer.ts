import type { BodyParts } from './body.ts';

/** The client at the other end of a connection, while one of its calls is answered. */
export interface Peer {
  /** Its network (see `networkOf`): one IPv4 address, or an IPv6 /64; undefined where it has none. */
  readonly address: string | undefined;
  /** The body of the call as it comes from the connection: the request's own stream copies every part of it. */
  readonly body: BodyParts;
  /** Resolves when the answer has left in full, or the connection is gone. */
  readonly answered: Promise<void>;
  /** Drops the connection. */
  drop(): void;
}
