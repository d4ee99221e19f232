import type { ConnectNats } from '../../src/bulk/connect.ts';

/** NATS over `node:net` and `node:tls`, which Node, Bun and Deno share; loaded when it is asked for. */
export const connectNats: ConnectNats = async (options) => {
  const { connect } = await import('@nats-io/transport-node');
  return connect(options);
};
