import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { FetchHandler, HttpAddress, Listening } from '../../src/cli/host.ts';

/** Milliseconds. */
export interface HttpLimits {
  /** For the headers of a call. */
  readonly headers: number;
  /** For the whole of it: headers and body. */
  readonly request: number;
}

const defaultLimits: HttpLimits = { headers: 10_000, request: 120_000 };

/** Milliseconds a client may take for each part of the answer. */
const readingTimeout = 30_000;

/** Connections at a time: a bound on memory. More are closed at once. */
const maxConnections = 4_096;

/**
 * Serves a `fetch` handler over HTTP/1.1. Bun and Deno have servers of their own, too; but Deno's
 * knows no time limits, and with `node:http` all three behave alike towards slow and hostile clients.
 *
 * @param address port 0 takes any free one
 * @throws Error where the address cannot be listened on
 */
export async function serve(
  handler: FetchHandler,
  address: HttpAddress,
  limits = defaultLimits,
): Promise<Listening> {
  let closing = false;
  const server = createAdaptorServer({
    async fetch(request, { outgoing }) {
      const response = await handler(request);
      outgoing.setTimeout(readingTimeout);
      // A client that keeps its connection would come again through it.
      if (closing) response.headers.set('Connection', 'close');
      return response;
    },
    // The process's own Request and Response stay as they are: phiz may be a guest in it.
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: limits.headers,
      requestTimeout: limits.request,
      // How often Node looks for clients beyond these: every 30 s unless told.
      connectionsCheckingInterval: limits.headers / 2,
    },
  }) as Server;
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address: host, port } = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${port}/`,
    close: async (patience) => {
      closing = true;
      const cutOff = setTimeout(() => server.closeAllConnections(), patience);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(cutOff);
    },
  };
}
