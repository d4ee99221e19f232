import type { ConnectNats } from '../../src/bulk/connect.ts';

/** NATS over `node:net` and `node:tls`, which Node, Bun and Deno share; loaded when it is asked for. */
export const connectNats: ConnectNats = async (options) => {
  const [{ connect }, { setSha256Backend }] = await Promise.all([
    import('@nats-io/transport-node'),
    import('@nats-io/obj'),
  ]);
  // Digests of pictures in the object store: in JavaScript they were a third of a worker's main thread.
  setSha256Backend('native');
  return connect(options);
};
