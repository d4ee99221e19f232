import { type ConnectionOptions, credsAuthenticator, type NatsConnection } from '@nats-io/nats-core';
import { ConfigError } from '../config/config-error.ts';

/** Connects to a NATS server over the runtime's own sockets; each runtime hands one in. */
export type ConnectNats = (options: ConnectionOptions) => Promise<NatsConnection>;

export interface NatsAddress {
  /** URLs of the servers of one cluster, separated by commas: `nats://[user:password@]host[:port]` or `tls://…`. */
  readonly servers: string;
  /** The content of a credentials file. */
  readonly creds?: Uint8Array | undefined;
  /** PEM of the authority that vouches for the server. */
  readonly ca?: string | undefined;
}

/** There is no server that takes us. */
export class NoServer extends Error {
  override readonly name = 'NoServer';
}

/** Milliseconds between two looks whether the server is there, and how many it may miss. */
const pingInterval = 10_000;
const maxPingOut = 2;
/** Milliseconds between two tries to reach it. */
const reconnectTimeWait = 1_000;

/**
 * A connection that comes back by itself, however long the server is away.
 *
 * @param patient whether the server may be away at the start, too
 * @throws NoServer with one line that names the server; ConfigError where an address is none
 */
export async function connect(
  connectNats: ConnectNats,
  address: NatsAddress,
  patient: boolean,
): Promise<NatsConnection> {
  const urls = address.servers.split(',').map(parseServer);
  const [{ username, password }] = urls as [URL, ...URL[]];
  const encrypted = urls.some(({ protocol }) => protocol === 'tls:') || address.ca !== undefined;
  try {
    return await connectNats({
      servers: urls.map(({ host }) => host),
      name: 'phiz',
      maxReconnectAttempts: -1,
      reconnectTimeWait,
      pingInterval,
      maxPingOut,
      waitOnFirstConnect: patient,
      ...(password ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
      ...(username && !password ? { token: decodeURIComponent(username) } : {}),
      ...(address.creds && { authenticator: credsAuthenticator(address.creds) }),
      ...(encrypted && { tls: address.ca === undefined ? {} : { ca: address.ca } }),
    });
  } catch (cause) {
    const where = urls.map(({ host }) => host).join(', ');
    throw new NoServer(`no NATS server at ${where}: ${(cause as Error).message}`, { cause });
  }
}

function parseServer(text: string): URL {
  const url = parseUrl(/^\w+:\/\//.test(text) ? text.trim() : `nats://${text.trim()}`);
  if (url && ['nats:', 'tls:'].includes(url.protocol) && url.host !== '') return url;
  throw new ConfigError(`expected the URL of a NATS server, such as nats://127.0.0.1:4222, got ${text}`);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
